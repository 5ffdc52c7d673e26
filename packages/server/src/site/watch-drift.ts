import { formatTime, type RingWriter, serialiseRecord } from "@modwarden/audit";
import type { DeviceFingerprint, IdentityService } from "@modwarden/identity";
import { messageOf } from "../threads/thread-error.ts";
import type { Site } from "./load.ts";

export interface DriftParts {
  readonly site: Site;
  readonly identity: Pick<IdentityService, "fingerprints">;
  readonly writer: RingWriter;
  readonly onNotice: (text: string) => void;
}

/**
 * Compares what devices are read as with what they are known by. A device that is not what it was is a finding and an
 * alarm, and where the site says so it is barred; it is told of once.
 */
export function watchDrift({
  site,
  identity,
  writer,
  onNotice,
}: DriftParts): (device: string, seen: DeviceFingerprint) => void {
  const { site: name, gateway } = site.value;
  return (id, seen) => {
    const device = gateway.devices.find((listed) => listed.id === id);
    if (device === undefined) return;
    const barred = device.fingerprint?.onDrift === "bar";
    identity.fingerprints
      .record(id, seen, barred)
      .then(({ kind, changes }) => {
        if (kind !== "drift") return;
        const evidence = changes.join("; ");
        const zone = gateway.zone === undefined ? {} : { zone: gateway.zone };
        const location = { site: name, gateway: gateway.id, ...zone, source: device.at };
        const fields = { location, device: id, finding: { rule: "device-drift", severity: "high", evidence } };
        writer.pushText(serialiseRecord(formatTime(Date.now()), "finding", fields));
        const after = barred
          ? `it is not reached until \`modwarden identity accept-fingerprint ${id}\``
          : "look who it is";
        onNotice(`the device "${id}" is not what it was: ${evidence}; ${after}`);
      })
      .catch((error: unknown) => onNotice(`the fingerprint of "${id}" cannot be compared: ${messageOf(error)}`));
  };
}
