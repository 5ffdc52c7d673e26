import type { DeviceFingerprint } from "../types/fingerprint.ts";

/** More differences than these say no more. */
const MOST = 10;
const LONGEST = 60;
/** MODBUS Application Protocol V1.1b3 § 6.21 */
const OBJECTS = [
  "VendorName",
  "ProductCode",
  "MajorMinorRevision",
  "VendorUrl",
  "ProductName",
  "ModelName",
  "UserApplicationName",
] as const;

/** What differs between two readings of a device, of what both asked for. */
export function differences(before: DeviceFingerprint, now: DeviceFingerprint): readonly string[] {
  const changes: string[] = [];
  const differs = (what: string, one: unknown, other: unknown): void => {
    if (one !== other && changes.length < MOST) changes.push(`${what} was ${shown(one)}, is ${shown(other)}`);
  };
  if (before.objects !== undefined && now.objects !== undefined) {
    if (before.objects === null || now.objects === null) {
      differs("device identification", offered(before.objects), offered(now.objects));
    } else {
      for (const id of keysOf(before.objects, now.objects)) {
        differs(OBJECTS[Number(id)] ?? `object ${id}`, before.objects[id], now.objects[id]);
      }
    }
  }
  if (before.serverId !== undefined && now.serverId !== undefined) {
    differs("server id", before.serverId, now.serverId);
  }
  for (const [place, values] of Object.entries(now.registers ?? {})) {
    const known = before.registers?.[place];
    if (known !== undefined) differs(place, known?.join(" ") ?? null, values?.join(" ") ?? null);
  }
  return changes;
}

/** What was accepted, with what was not asked for until now. */
export function completed(accepted: DeviceFingerprint, seen: DeviceFingerprint): DeviceFingerprint {
  const registers = { ...seen.registers, ...accepted.registers };
  return { ...seen, ...accepted, ...(Object.keys(registers).length === 0 ? {} : { registers }) };
}

/** What a device says of itself by the names of the specification. */
export function namedObjects(objects: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  return Object.fromEntries(Object.entries(objects).map(([id, text]) => [OBJECTS[Number(id)] ?? `object ${id}`, text]));
}

function keysOf(one: object, other: object): readonly string[] {
  return [...new Set([...Object.keys(one), ...Object.keys(other)])];
}

function offered(objects: Readonly<Record<string, string>> | null): string | null {
  return objects === null ? null : "offered";
}

function shown(value: unknown): string {
  if (value === null || value === undefined) return "not there";
  const text = String(value);
  return `"${text.length > LONGEST ? `${text.slice(0, LONGEST)}…` : text}"`;
}
