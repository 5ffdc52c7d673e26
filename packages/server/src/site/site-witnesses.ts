import { hostname } from "node:os";
import { dirname, join, resolve } from "node:path";
import { compareWithWitness, formatTime, type JsonValue, serialiseRecord, TamperedError } from "@modwarden/audit";
import type { SyslogTarget } from "../syslog/connection.ts";
import { messageOf } from "../threads/thread-error.ts";
import { fileWitness } from "../witness/file-witness.ts";
import { gatewayWitness } from "../witness/gateway-witness.ts";
import { syslogWitness } from "../witness/syslog-witness.ts";
import type { Witness, WitnessStatus } from "../witness/witness.ts";
import { type WitnessEvent, WitnessLoop } from "../witness/witness-loop.ts";
import { WitnessedLogs } from "../witness/witnessed-logs.ts";
import type { Site } from "./load.ts";
import { type SyslogReceiver, syslogTarget } from "./schema-syslog.ts";
import { witnessEveryMs } from "./schema-witness.ts";
import type { RecorderHandle } from "./site-threads.ts";

const TICK_MS = 1_000;
/** How long a start and a stop wait for a witness. */
const START_MS = 5_000;
const STOP_MS = 2_000;

export interface WitnessParts {
  readonly site: Site;
  /** One line for the operator. */
  readonly onNotice: (text: string) => void;
}

/** The witnesses of a site: those of its own log, and what it witnesses of others. */
export class SiteWitnesses {
  /** Logs of other gateways that are witnessed here. */
  readonly witnessed: WitnessedLogs;
  readonly #onNotice: (text: string) => void;
  readonly #loops: readonly { readonly witness: Witness; readonly loop: WitnessLoop }[];
  #record: ((body: string) => void) | undefined;
  #timer: NodeJS.Timeout | undefined;

  private constructor({ site, onNotice }: WitnessParts) {
    const dir = join(site.data, "audit");
    this.#onNotice = onNotice;
    this.#loops = site.value.audit.witness.map((section) => {
      const witness = witnessOf(site, section, dir, onNotice);
      const onEvent = (event: WitnessEvent): void => this.#happened(witness, event);
      const everyMs = witnessEveryMs(section.every);
      return {
        witness,
        loop: new WitnessLoop({ witness, dir, everyMs, monotonicMs: () => performance.now(), onEvent }),
      };
    });
    this.witnessed = new WitnessedLogs({
      dir: join(site.data, "witnessed"),
      now: () => performance.now(),
      record: (fields) => this.#tell(fields),
      onNotice,
    });
  }

  /**
   * Before the log is opened: holds it against those of its witnesses that can be read at once. One that has a
   * checkpoint which the log does not hold stops the start, with `ERR_AUDIT_TAMPERED`; one that cannot be read does not.
   */
  static async open(parts: WitnessParts): Promise<SiteWitnesses> {
    const dir = join(parts.site.data, "audit");
    for (const { file } of parts.site.value.audit.witness) {
      if (file === undefined) continue;
      const witness = fileWitness(besideSite(parts.site, file));
      const { verdict, problem } = await within(START_MS, () => verdictOf(witness, dir));
      if (problem !== undefined) parts.onNotice(`witness ${witness.name} cannot be read: ${problem}`);
      if (verdict?.kind !== "differs") continue;
      const { seq, segment, witnessed } = verdict;
      const reason = `witness ${witness.name} has a checkpoint of ${witnessed.t} over ${witnessed.size} records, which the log does not hold`;
      throw new TamperedError(seq, segment, reason);
    }
    return new SiteWitnesses(parts);
  }

  /** The recorder stands: from now on its checkpoints go out. `record` gives a record to the log. */
  start(recorder: RecorderHandle, record: (body: string) => void): void {
    this.#record = record;
    if (this.#loops.length > 0) this.#timer = setInterval(() => void this.#step(recorder), TICK_MS);
  }

  status(): readonly WitnessStatus[] {
    return this.#loops.map(({ loop }) => loop.status());
  }

  /** Nothing goes out any more but the end of the log. */
  stop(): void {
    clearInterval(this.#timer);
  }

  /** After the log was closed: its end is witnessed as well, where that can be done at once. */
  async finish(): Promise<void> {
    // Nothing is recorded any more.
    this.#record = undefined;
    await Promise.all(this.#loops.map(({ loop }) => loop.finish(STOP_MS)));
    await Promise.all(this.#loops.map(({ witness }) => witness.stop()));
  }

  async #step(recorder: RecorderHandle): Promise<void> {
    try {
      const answer = await recorder.ask({ kind: "status" });
      const newest = answer.kind === "status" ? answer.status.checkpoint : undefined;
      await Promise.all(this.#loops.map(({ loop }) => loop.step(newest)));
    } catch {
      // The recorder has ended: the site stops and says why.
    }
  }

  #happened({ name }: Witness, event: WitnessEvent): void {
    const notice = noticeOf(name, event);
    if (notice !== undefined) this.#onNotice(notice);
    const { witnessed, ...fields } = { witnessed: undefined, ...event };
    this.#tell({
      ...fields,
      witness: name,
      ...(witnessed === undefined ? {} : { size: witnessed.size, root: witnessed.root, made: witnessed.t }),
    });
  }

  #tell(fields: { readonly [field: string]: JsonValue }): void {
    this.#record?.(serialiseRecord(formatTime(Date.now()), "system", fields));
  }
}

async function verdictOf(witness: Witness, dir: string): Promise<ReturnType<typeof compareWithWitness>> {
  const newest = compareWithWitness(dir, (await witness.known("", 0, false)) ?? []);
  if (newest === undefined || newest.kind === "agrees") return newest;
  return compareWithWitness(dir, (await witness.known("", 0, true)) ?? []);
}

/** What hangs, on a mount that has gone, does not keep a site from starting. */
async function within<Value>(
  ms: number,
  action: () => Promise<Value>,
): Promise<{ readonly verdict?: Value; readonly problem?: string }> {
  const late = Promise.withResolvers<never>();
  const timer = setTimeout(() => late.reject(new Error(`no answer within ${ms} ms`)), ms);
  try {
    return { verdict: await Promise.race([action(), late.promise]) };
  } catch (error) {
    return { problem: messageOf(error) };
  } finally {
    clearTimeout(timer);
  }
}

function witnessOf(
  site: Site,
  { file, gateway, identity, syslog }: Site["value"]["audit"]["witness"][number],
  dir: string,
  onNotice: (text: string) => void,
): Witness {
  if (file !== undefined) return fileWitness(besideSite(site, file));
  if (syslog !== undefined) {
    const { to } = syslog;
    return syslogWitness({ to, target: targetOf(site, syslog), host: site.value.gateway.names[0] ?? hostname() });
  }
  return gatewayWitness({ url: gateway ?? "", identity: besideSite(site, identity ?? ""), dir, onNotice });
}

function targetOf(site: Site, { to, authority, identity }: SyslogReceiver): SyslogTarget {
  const place = syslogTarget(to);
  if (place === undefined) throw new RangeError(`no receiver: ${to}`);
  return {
    ...place,
    authority: besideSite(site, authority),
    ...(identity && {
      identity: { key: besideSite(site, identity.key), certificate: besideSite(site, identity.certificate) },
    }),
  };
}

function besideSite(site: Site, path: string): string {
  return resolve(dirname(site.file), path);
}

function noticeOf(name: string, event: WitnessEvent): string | undefined {
  switch (event.event) {
    case "witness-begun":
      return event.others.length === 0
        ? undefined
        : `witness ${name} knows nothing of this log, and something of others (${event.others.join(", ")}): was this one begun anew?`;
    case "witness-lost":
      return `witness ${name} cannot be reached, and is tried again: ${event.reason}`;
    case "witness-resumed":
      return `witness ${name} is reached again`;
    case "witness-mismatch":
      return `ALARM: witness ${name} does not agree with the audit log: ${event.reason}. Keep the log as evidence before anything else`;
  }
}
