import { randomBytes } from "node:crypto";
import { join } from "node:path";
import { createRing, RingReader, RingWriter } from "@modwarden/audit";
import type { TlsConfiguration } from "@modwarden/gateway";
import { type IdentityService, openIdentity, startEnrolmentServer } from "@modwarden/identity";
import { approvalRoutes } from "../approvals/routes.ts";
import { LiveIndex } from "../audit-index/live-index.ts";
import { startHttp } from "../http/index.ts";
import { SiteLooks } from "../looks/site-looks.ts";
import { serialisePolicyRecord } from "../policy/record.ts";
import { SitePolicies } from "../policy/site-policies.ts";
import { versionFiles } from "../policy/version-files.ts";
import { PolicyVersions } from "../policy/versions.ts";
import { messageOf } from "../threads/thread-error.ts";
import { witnessRoutes } from "../witness/routes.ts";
import { AuditHealth } from "./audit-health.ts";
import { authorityAccess } from "./authority-access.ts";
import { cloneNotices } from "./clone-notice.ts";
import { runSiteCommand } from "./commands.ts";
import { confirmPresented } from "./confirm-presented.ts";
import { openControlSocket } from "./control-socket.ts";
import { gatewayCertificate, keepCertified } from "./gateway-certificate.ts";
import { identityJournal } from "./identity-journal.ts";
import { IdentityCounts } from "./identity-status.ts";
import { DeliveryAlarm } from "./keep-delivered.ts";
import { keyNotices } from "./key-notices.ts";
import { LineChanges } from "./line-changes.ts";
import { listening } from "./listening.ts";
import { LiveSite } from "./live-site.ts";
import type { Site } from "./load.ts";
import { lockData } from "./lock.ts";
import { policyView } from "./policy-view.ts";
import { recordDurably } from "./record-durably.ts";
import { registerDevices } from "./registered-devices.ts";
import { registryView } from "./registry-view.ts";
import { approvalLine, siteApprovals } from "./site-approvals.ts";
import { siteFacts } from "./site-facts.ts";
import { SiteFeed } from "./site-feed.ts";
import { SiteHolds } from "./site-holds.ts";
import { snapshotOf, startLine, startRecorder } from "./site-threads.ts";
import { SiteWitnesses } from "./site-witnesses.ts";
import { keepUp } from "./upkeep.ts";
import { watchDrift } from "./watch-drift.ts";

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
  /** Settles when a thread has died: the site is stopping and this is why. Never settles after a stop that was asked for. */
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
  const undo: Undo = [];
  try {
    return await start(site, options, undo);
  } catch (error) {
    // What went wrong first is what counts.
    await undoAll(undo).catch(() => undefined);
    throw error;
  }
}

async function start(site: Site, options: SiteOptions, undo: Undo): Promise<RunningSite> {
  const { value } = site;
  site.requireReceiver();
  const lock = lockData(site.data);
  undo.push(() => lock.release());

  const rings = {
    control: createRing(CONTROL_RING_BYTES),
    audit: createRing(AUDIT_RING_BYTES),
    feed: createRing(FEED_RING_BYTES),
  };
  const witnesses = await SiteWitnesses.open({ site, onNotice: options.onNotice });
  undo.push(() => witnesses.finish());
  const feed = SiteFeed.of({ site, version: options.version, onNotice: options.onNotice });
  undo.push(() => feed?.stop());
  const recorder = await startRecorder(site, [rings.control, rings.audit], options.onNotice);
  undo.push(() => recorder.handle.close({ kind: "close" }));

  const changes = new LineChanges();
  const counts = new IdentityCounts();
  const alarm = new DeliveryAlarm(options.onNotice);
  const writer = new RingWriter(rings.control);
  witnesses.start(recorder.handle, (body) => void writer.pushText(body));
  undo.push(() => witnesses.stop());
  feed?.start((body) => void writer.pushText(body));
  undo.push(() => feed?.mute());
  const looks = new SiteLooks({
    record: (body) => recordDurably(rings.control, writer, body),
    now: () => new Date(),
    onNotice: options.onNotice,
  });
  undo.push(() => looks.stop());
  const index = new LiveIndex({
    dir: join(site.data, "audit"),
    looked: (look) => looks.console(look),
    onNotice: options.onNotice,
  });
  undo.push(() => index.stop());
  let enrolmentPort: number | undefined;
  const journal = identityJournal({
    dir: join(site.data, "audit"),
    ring: rings.control,
    writer,
  });
  const policies = await SitePolicies.start(
    {
      site,
      versions: await PolicyVersions.open(versionFiles(join(site.data, "policy"))),
      now: () => new Date(),
      by: "control",
      record: (record) => recordDurably(rings.control, writer, serialisePolicyRecord(new Date(), record)),
      enforce: ({ text, file }) => changes.policy({ text, file }),
      replaced: () => approvals.reconsider().catch((error: unknown) => options.onNotice(messageOf(error))),
    },
    options.onNotice,
  );
  let registry: IdentityService | undefined;
  const approvals = siteApprovals({
    site,
    policy: () => policies.inForce.compiled,
    identity: () => registry,
    ring: rings.control,
    writer,
    onNotice: options.onNotice,
  });
  const identity = await openIdentity({
    dir: site.data,
    now: () => new Date(),
    onChange: async (change) => {
      await changes.subjects(change);
      await approvals.reconsider();
    },
    deliver: async (events, left) => {
      counts.see(events);
      await journal(events, left);
      for (const notice of [...cloneNotices(events), ...keyNotices(events)]) options.onNotice(notice);
    },
    onError: (error) => alarm.failed(error),
    site: siteFacts(site, policies, () => enrolmentPort),
    authority: await authorityAccess(site),
  });
  registry = identity;
  undo.push(() => identity.close());
  undo.push(alarm.watch(identity));
  await registerDevices(identity, site);

  const health = new AuditHealth(join(site.data, "audit"), () => witnesses.status());
  const live = new LiveSite(site, policies, options.version, new RingReader(rings.feed), health);
  undo.push(() => live.stop());
  let ready = false;
  const http =
    value.console === undefined
      ? undefined
      : await listening(
          value.console.listen,
          "console.listen",
          startHttp({
            view: live,
            registry: registryView(identity),
            policy: policyView(site, policies),
            approvals: () => approvals.list(),
            audit: {
              ask: (question) => index.ask(question),
              looked: (look) => index.looked(look),
              profile: (device) => site.profiles.get(device),
            },
            listen: value.console.listen,
            consoleDir: options.consoleDir,
            random: randomBytes,
            ready: () => ready,
          }),
        );
  if (http !== undefined) {
    undo.push(() => http.close());
    options.onReady({ ready: "console", url: http.address });
  }

  const certificate = await gatewayCertificate(site, identity);
  const drift = watchDrift({ site, identity, writer, onNotice: options.onNotice });
  const confirms = confirmPresented(identity, (error) => options.onNotice(messageOf(error)));
  const line = await startLine(
    site,
    snapshotOf(policies, identity, 1),
    certificate?.tls,
    { audit: rings.audit, feed: rings.feed },
    (message) => {
      if (message.kind === "presented") confirms(message);
      else if (message.kind === "fingerprint") drift(message.device, message.seen);
      else if (message.kind === "grant-used") approvals.used(message.grant);
    },
  );
  undo.push(() => line.handle.close({ kind: "close", drainMs: DRAIN_MS }));
  await changes.attach(line.handle, (epoch) => snapshotOf(policies, identity, epoch));
  approvals.start(approvalLine(line.handle));
  undo.push(() => approvals.stop());
  if (certificate !== undefined) {
    const renew = (tls: TlsConfiguration): Promise<unknown> => line.handle.ask({ kind: "renew", tls });
    undo.push(
      keepCertified({ site, identity, certificate, renew, onError: (error) => options.onNotice(messageOf(error)) }),
    );
  }
  const { onNotice } = options;
  undo.push(keepUp({ identity, onNotice, onError: (error) => onNotice(messageOf(error)) }));
  for (const url of line.urls) options.onReady({ ready: "gateway", url });

  const enrolment =
    value.enrolment === undefined
      ? undefined
      : await listening(
          value.enrolment.listen,
          "enrolment.listen",
          startEnrolmentServer({
            service: identity,
            listen: value.enrolment.listen,
            names: value.gateway.names,
            now: () => new Date(),
            routes: { ...approvalRoutes(approvals), ...witnessRoutes(witnesses.witnessed) },
            onError: (error) => options.onNotice(messageOf(error)),
          }),
        );
  if (enrolment !== undefined) {
    undo.push(() => enrolment.close());
    enrolmentPort = enrolment.port;
    options.onReady({ ready: "enrolment", url: enrolment.url });
  }

  live.start({
    line: line.handle,
    recorder: recorder.handle,
    urls: line.urls,
    identity: () => counts.status(identity),
    refusedApprovals: () => approvals.refusedFull,
  });
  const holds = new SiteHolds(
    site.data,
    () => new Date(),
    (body) => recordDurably(rings.control, writer, body),
  );
  const services = { identity, policies, approvals, looks, holds, status: () => Promise.resolve(live.status()) };
  const command = (name: string, parameters: unknown): Promise<unknown> => runSiteCommand(services, name, parameters);
  const socket = await openControlSocket(join(site.data, "control.sock"), command);
  undo.push(() => socket.close());

  let stopping: Promise<void> | undefined;
  const stop = (): Promise<void> => {
    ready = false;
    stopping ??= undoAll(undo);
    return stopping;
  };
  const failed = new Promise<Error>((resolve) => {
    void Promise.race([line.handle.ended, recorder.handle.ended]).then((reason) => {
      if (stopping !== undefined) return;
      options.onNotice(`the site stops: ${reason.message}`);
      resolve(reason);
      stop().catch((error: unknown) => options.onNotice(messageOf(error)));
    });
  });
  ready = true;
  options.onReady({ ready: "all" });
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
    stop,
  };
}

type Undo = (() => Promise<void> | void)[];

/** Undoes in the reverse order, every step of it whatever becomes of the others, and rejects with the first error. */
async function undoAll(undo: Undo): Promise<void> {
  const errors: unknown[] = [];
  for (const step of undo.toReversed()) {
    try {
      await step();
    } catch (error) {
      errors.push(error);
    }
  }
  if (errors.length > 0) throw errors[0];
}
