import { join } from "node:path";
import { defaultLimits, type LineConfiguration, type LineSnapshot, type TlsConfiguration } from "@modwarden/gateway";
import type { IdentityService } from "@modwarden/identity";
import type {
  LineMessage,
  LineRequest,
  LineStart,
  RecorderMessage,
  RecorderRequest,
  RecorderStart,
} from "../threads/messages.ts";
import { ThreadError } from "../threads/thread-error.ts";
import { ThreadHandle } from "../threads/thread-handle.ts";
import type { Site } from "./load.ts";

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

/** Starts the line; resolves when every listener is open. A failure leaves no thread behind. */
export async function startLine(
  site: Site,
  identity: IdentityService,
  tls: TlsConfiguration | undefined,
  rings: { readonly audit: SharedArrayBuffer; readonly feed: SharedArrayBuffer },
): Promise<{ readonly handle: LineHandle; readonly urls: readonly string[] }> {
  const start: LineStart = {
    configuration: lineConfiguration(site, tls),
    snapshot: snapshotOf(site, identity, 1),
    rings,
  };
  const handle: LineHandle = new ThreadHandle("line", start, () => undefined);
  try {
    const { urls } = await handle.first("open");
    return { handle, urls };
  } catch (error) {
    await handle.terminate();
    throw error;
  }
}

/**
 * Brings what control knows to the line. The promise is kept when a snapshot taken after the call is in force; changes
 * that come while one is on its way share the next one, so that many of them cost the line no more than a few.
 */
export function snapshotSender(site: Site, identity: IdentityService, line: LineHandle): () => Promise<void> {
  let epoch = 1;
  let underWay: Promise<void> = Promise.resolve();
  let next: Promise<void> | undefined;
  const send = async (): Promise<void> => {
    epoch += 1;
    const answer = await line.ask({ kind: "apply", snapshot: snapshotOf(site, identity, epoch) });
    if (answer.kind === "applied") return;
    const reason = answer.kind === "refused" ? answer.message : answer.kind;
    throw new ThreadError("ERR_THREAD_ANSWER", `the line did not apply the change: ${reason}`);
  };
  return () => {
    next ??= underWay
      .catch(() => undefined)
      .then(() => {
        next = undefined;
        underWay = send();
        return underWay;
      });
    return next;
  };
}

function snapshotOf(site: Site, identity: IdentityService, epoch: number): LineSnapshot {
  const { text, file } = site.policy;
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
    audit,
    limits: defaultLimits,
  };
}
