import { randomBytes } from "node:crypto";
import { join } from "node:path";
import { createRing, RingReader, RingWriter, serialiseRecord } from "@modwarden/audit";
import { defaultLimits, type LineConfiguration, type LineSnapshot } from "@modwarden/gateway";
import { type IdentityEvent, type IdentityService, openIdentity, startEnrolmentServer } from "@modwarden/identity";
import { startHttp } from "../http/index.ts";
import type {
  LineMessage,
  LineRequest,
  LineStart,
  RecorderMessage,
  RecorderRequest,
  RecorderStart,
} from "../threads/messages.ts";
import { messageOf, ThreadError } from "../threads/thread-error.ts";
import { ThreadHandle } from "../threads/thread-handle.ts";
import { runSiteCommand } from "./commands.ts";
import { openControlSocket } from "./control-socket.ts";
import { recordOf } from "./identity-record.ts";
import { LiveSite } from "./live-site.ts";
import type { Site } from "./load.ts";
import { lockData } from "./lock.ts";

const AUDIT_RING_BYTES = 8 * 1024 * 1024;
const CONTROL_RING_BYTES = 1024 * 1024;
const FEED_RING_BYTES = 4 * 1024 * 1024;
const DRAIN_MS = 2_000;

export interface ReadyLine {
  readonly ready: "console" | "gateway" | "enrolment" | "simulator" | "metrics" | "all";
  readonly url?: string;
}

export interface SiteOptions {
  readonly version: string;
  /** Where the built console is. */
  readonly consoleDir: string;
  /** A listener is open; the last call is `{ready: "all"}`. */
  readonly onReady: (line: ReadyLine) => void;
  /** One line for the operator: alarms, and why the site stopped by itself. */
  readonly onNotice: (text: string) => void;
}

export interface RunningSite {
  readonly identity: IdentityService;
  readonly urls: { readonly console?: string; readonly enrolment?: string; readonly gateway: readonly string[] };
  /** SHA-256 of the log's first public key: what a verifier should be given. */
  readonly logFingerprint: string;
  /** Settles when a thread has died: the site is stopping and this is why. */
  readonly failed: Promise<Error>;
  /** Runs a site command in this process, as the control socket does. */
  command(name: string, parameters: unknown): Promise<unknown>;
  /** Makes a checkpoint now and resolves when everything recorded so far is under it. */
  checkpoint(): Promise<void>;
  /** Stops accepting, drains, records the stop, seals the log. */
  stop(): Promise<void>;
}

/** Starts every part of a site, each only when what it rests on stands; a failure on the way undoes what was started. */
export async function startSite(site: Site, options: SiteOptions): Promise<RunningSite> {
  const undo: (() => Promise<void> | void)[] = [];
  try {
    return await start(site, options, undo);
  } catch (error) {
    for (const step of undo.reverse()) await Promise.resolve(step()).catch(() => undefined);
    throw error;
  }
}

type RecorderHandle = ThreadHandle<RecorderStart, RecorderRequest, RecorderMessage>;
type LineHandle = ThreadHandle<LineStart, LineRequest, LineMessage>;

async function start(site: Site, options: SiteOptions, undo: (() => Promise<void> | void)[]): Promise<RunningSite> {
  const { value } = site;
  const lock = lockData(site.data);
  undo.push(() => lock.release());

  const rings = {
    control: createRing(CONTROL_RING_BYTES),
    audit: createRing(AUDIT_RING_BYTES),
    feed: createRing(FEED_RING_BYTES),
  };
  const recorder = await startRecorder(site, [rings.control, rings.audit], options.onNotice);
  undo.push(async () => {
    await recorder.handle.ask({ kind: "close" });
  });

  const control = new RingWriter(rings.control);
  let onIdentityEvent: (event: IdentityEvent) => void = () => undefined;
  const identity = await openIdentity({
    dir: site.data,
    now: () => new Date(),
    onEvent: (event) => {
      const { time, kind, fields } = recordOf(event);
      if (!control.pushText(serialiseRecord(time, kind, fields)))
        options.onNotice("an identity event found no room in the record");
      onIdentityEvent(event);
    },
  });
  undo.push(() => identity.close());
  await registerDevices(identity, site);

  const live = new LiveSite(site, options.version, new RingReader(rings.feed));
  undo.push(() => live.stop());
  let ready = false;
  const http =
    value.console === undefined
      ? undefined
      : await startHttp({
          view: live,
          listen: value.console.listen,
          consoleDir: options.consoleDir,
          random: randomBytes,
          ready: () => ready,
        });
  if (http !== undefined) {
    undo.push(() => http.close());
    options.onReady({ ready: "console", url: http.address });
  }

  const line = await startLine(site, identity, { audit: rings.audit, feed: rings.feed });
  undo.push(async () => {
    await line.handle.ask({ kind: "close", drainMs: DRAIN_MS });
  });
  for (const url of line.urls) options.onReady({ ready: "gateway", url });

  let epoch = 1;
  const changed = async (): Promise<void> => {
    epoch += 1;
    const answer = await line.handle.ask({ kind: "apply", snapshot: snapshotOf(site, identity, epoch) });
    if (answer.kind !== "applied")
      throw new ThreadError("ERR_THREAD_ANSWER", `the line did not apply the change: ${answer.kind}`);
  };
  // What changes by itself (an enrolment that was not confirmed) reaches the line as well.
  onIdentityEvent = () => {
    changed().catch((error: unknown) => options.onNotice(messageOf(error)));
  };

  const enrolment =
    value.enrolment === undefined
      ? undefined
      : await startEnrolmentServer({
          service: confirming(identity, changed),
          listen: value.enrolment.listen,
          names: value.gateway.names,
          now: () => new Date(),
          onError: (error) => options.onNotice(messageOf(error)),
        });
  if (enrolment !== undefined) {
    undo.push(() => enrolment.close());
    options.onReady({ ready: "enrolment", url: enrolment.url });
  }

  live.start({ line: line.handle, recorder: recorder.handle, urls: line.urls });
  const services = { identity, changed, status: () => Promise.resolve(live.status()) };
  const command = (name: string, parameters: unknown): Promise<unknown> => runSiteCommand(services, name, parameters);
  const socket = await openControlSocket(join(site.data, "control.sock"), command);
  undo.push(() => socket.close());

  const failed = Promise.race([line.handle.ended, recorder.handle.ended]).then(
    (error) => error ?? new ThreadError("ERR_THREAD_ENDED", "a thread of the site has ended"),
  );
  ready = true;
  options.onReady({ ready: "all" });

  let stopping: Promise<void> | undefined;
  return {
    identity,
    urls: {
      ...(http === undefined ? {} : { console: http.address }),
      ...(enrolment === undefined ? {} : { enrolment: enrolment.url }),
      gateway: line.urls,
    },
    logFingerprint: recorder.fingerprint,
    failed,
    command,
    checkpoint: async () => {
      await recorder.handle.ask({ kind: "checkpoint" });
    },
    stop() {
      ready = false;
      stopping ??= (async () => {
        const errors: unknown[] = [];
        for (const step of undo.reverse()) await Promise.resolve(step()).catch((error: unknown) => errors.push(error));
        if (errors.length > 0) throw errors[0];
      })();
      return stopping;
    },
  };
}

async function startRecorder(
  site: Site,
  rings: readonly SharedArrayBuffer[],
  onNotice: (text: string) => void,
): Promise<{ readonly handle: RecorderHandle; readonly fingerprint: string }> {
  let handle: RecorderHandle | undefined;
  const opened = await new Promise<Extract<RecorderMessage, { kind: "open" }>>((resolve, reject) => {
    const start: RecorderStart = {
      dir: join(site.data, "audit"),
      site: site.value.site,
      gateway: site.value.gateway.id,
      rings,
    };
    handle = new ThreadHandle("recorder", start, (message) => {
      if (message.kind === "open") resolve(message);
      else if (message.kind === "failed") reject(new ThreadError(message.code, message.message));
      else if (message.kind === "alarm") onNotice(message.message);
    });
    void handle.ended.then((error) => reject(error ?? new ThreadError("ERR_THREAD_ENDED", "the recorder has ended")));
  });
  if (handle === undefined) throw new ThreadError("ERR_THREAD_ENDED", "the recorder was not started");
  return { handle, fingerprint: opened.status.fingerprint };
}

async function startLine(
  site: Site,
  identity: IdentityService,
  rings: { readonly audit: SharedArrayBuffer; readonly feed: SharedArrayBuffer },
): Promise<{ readonly handle: LineHandle; readonly urls: readonly string[] }> {
  const start: LineStart = {
    configuration: await lineConfiguration(site, identity),
    snapshot: snapshotOf(site, identity, 1),
    rings,
  };
  let handle: LineHandle | undefined;
  const opened = await new Promise<Extract<LineMessage, { kind: "open" }>>((resolve, reject) => {
    handle = new ThreadHandle("line", start, (message) => {
      if (message.kind === "open") resolve(message);
      else if (message.kind === "failed") reject(new ThreadError(message.code, message.message));
    });
    void handle.ended.then((error) => reject(error ?? new ThreadError("ERR_THREAD_ENDED", "the line has ended")));
  });
  if (handle === undefined) throw new ThreadError("ERR_THREAD_ENDED", "the line was not started");
  return { handle, urls: opened.urls };
}

async function lineConfiguration(site: Site, identity: IdentityService): Promise<LineConfiguration> {
  const { gateway, audit } = site.value;
  const secure = site.listeners.some((listener) => listener.transport === "tls");
  const certificate = secure
    ? await identity.issueServerCertificate({ id: gateway.id, kind: "gateway", names: gateway.names })
    : undefined;
  return {
    site: site.value.site,
    gateway: gateway.id,
    ...(gateway.zone === undefined ? {} : { zone: gateway.zone }),
    listeners: site.listeners,
    devices: site.devices,
    ...(certificate === undefined
      ? {}
      : { tls: { key: certificate.key, certificate: certificate.chain, authorities: [identity.root] } }),
    audit,
    limits: defaultLimits,
  };
}

function snapshotOf(site: Site, identity: IdentityService, epoch: number): LineSnapshot {
  const { text, file } = site.policy;
  return { epoch, subjects: identity.subjectsSnapshot(), policy: { text, file } };
}

/** A holder that was told "confirmed" may connect at once: the line knows it by then. */
function confirming(identity: IdentityService, changed: () => Promise<void>): IdentityService {
  return {
    ...identity,
    async confirm(fingerprint, source) {
      const confirmation = await identity.confirm(fingerprint, source);
      await changed();
      return confirmation;
    },
  };
}

/** A device that the site file lists is registered as proxied: the gateway reaches only what is registered. */
async function registerDevices(identity: IdentityService, site: Site): Promise<void> {
  for (const { id } of site.devices) {
    if ((await identity.identities.find(id)) === undefined)
      await identity.identities.add({ id, kind: "device", role: null });
  }
}
