import { join } from "node:path";
import type { Retain } from "@modwarden/audit";
import { defaultLimits, type LineConfiguration, type LineSnapshot, type TlsConfiguration } from "@modwarden/gateway";
import type { IdentityService } from "@modwarden/identity";
import type { SitePolicies } from "../policy/site-policies.ts";
import type {
  LineMessage,
  LineRequest,
  LineStart,
  RecorderMessage,
  RecorderRequest,
  RecorderStart,
} from "../threads/messages.ts";
import { ThreadHandle } from "../threads/thread-handle.ts";
import type { Site } from "./load.ts";
import { amountBytes, daysMs } from "./schema-amount.ts";
import type { AuditSection } from "./schema-audit.ts";

export type RecorderHandle = ThreadHandle<RecorderStart, RecorderRequest, RecorderMessage>;
export type LineHandle = ThreadHandle<LineStart, LineRequest, LineMessage>;

/** Starts the recorder; resolves when the log is open. A failure leaves no thread behind. */
export async function startRecorder(
  site: Site,
  rings: readonly SharedArrayBuffer[],
  onNotice: (text: string) => void,
): Promise<{ readonly handle: RecorderHandle; readonly fingerprint: string }> {
  const start: RecorderStart = {
    dir: join(site.data, "audit"),
    site: site.value.site,
    gateway: site.value.gateway.id,
    rings,
    retain: retainOf(site.value.audit),
    reserveBytes: amountBytes(site.value.audit.reserve),
  };
  const handle: RecorderHandle = new ThreadHandle("recorder", start, (message: RecorderMessage) => {
    if (message.kind === "alarm") onNotice(message.message);
  });
  try {
    const { status } = await handle.first("open");
    return { handle, fingerprint: status.fingerprint };
  } catch (error) {
    await handle.terminate();
    throw error;
  }
}

function retainOf({ retain, retainBytes }: AuditSection): Retain {
  return {
    ...(retain !== undefined && { ageMs: daysMs(retain) }),
    ...(retainBytes !== undefined && { bytes: amountBytes(retainBytes) }),
  };
}

/** Starts the line; resolves when every listener is open. A failure leaves no thread behind. */
export async function startLine(
  site: Site,
  snapshot: LineSnapshot,
  tls: TlsConfiguration | undefined,
  rings: { readonly audit: SharedArrayBuffer; readonly feed: SharedArrayBuffer },
  onMessage: (message: LineMessage) => void,
): Promise<{ readonly handle: LineHandle; readonly urls: readonly string[] }> {
  const start: LineStart = {
    configuration: lineConfiguration(site, tls),
    snapshot,
    rings,
  };
  const handle: LineHandle = new ThreadHandle("line", start, onMessage);
  try {
    const { urls } = await handle.first("open");
    return { handle, urls };
  } catch (error) {
    await handle.terminate();
    throw error;
  }
}

export function snapshotOf(
  policies: Pick<SitePolicies, "inForce">,
  identity: Pick<IdentityService, "subjectsSnapshot">,
  epoch: number,
): LineSnapshot {
  const { text, file } = policies.inForce;
  return { epoch, subjects: identity.subjectsSnapshot(), policy: { text, file } };
}

function lineConfiguration(site: Site, tls: TlsConfiguration | undefined): LineConfiguration {
  const { gateway, audit } = site.value;
  return {
    site: site.value.site,
    gateway: gateway.id,
    ...(gateway.zone === undefined ? {} : { zone: gateway.zone }),
    listeners: site.listeners,
    devices: site.devices,
    ...(tls === undefined ? {} : { tls }),
    audit: { reads: audit.reads, writeAhead: audit.writeAhead, onFailure: audit.onFailure },
    limits: defaultLimits,
  };
}
