import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { type Checkpoint, type JsonValue, type NotFollowing, parseCheckpoint } from "@modwarden/audit";
import { Pace } from "../approvals/pace.ts";
import type { KeepBody, KnownBody } from "./wire.ts";
import { WitnessError } from "./witness.ts";
import { type ShownCheckpoint, WitnessedLog } from "./witnessed-log.ts";

export interface WitnessedLogsOptions {
  /** Folder of what is witnessed here: a folder per gateway, two files per log. */
  readonly dir: string;
  readonly now: () => number;
  /** A record of this site's own log. */
  readonly record: (fields: { readonly [field: string]: JsonValue }) => void;
  /** One line for the operator. */
  readonly onNotice: (text: string) => void;
}

const MOST_GATEWAYS = 64;
/** A log that was moved away as evidence is followed by a new one, and that seldom. */
const MOST_LOGS = 4;
const HOUR_MS = 3_600_000;
const MINUTE_MS = 60_000;

interface Held {
  readonly log: WitnessedLog;
  /** When its newest checkpoint came into this site's own log, and when a conflict did. */
  recordedMs: number;
  accusedMs: number;
}

/**
 * What this site witnesses of the logs of other gateways. A checkpoint that does not go on from those that are kept is
 * refused, and the operator here is told: whoever sits at the other gateway may be the one who should not know.
 */
export class WitnessedLogs {
  readonly #options: WitnessedLogsOptions;
  readonly #held = new Map<string, Held>();
  readonly #pace = new Pace({ burst: 120, perMinute: 60, people: 256 });
  /** One step after the other: what is kept is small, and seldom. */
  #last: Promise<unknown> = Promise.resolve();

  constructor(options: WitnessedLogsOptions) {
    this.#options = options;
  }

  /** Lines of what is kept of a log, for its gateway to compare. */
  async known(gateway: string, { log, epoch }: KnownBody): Promise<readonly string[]> {
    return await this.#inTurn(gateway, async () => (await this.#find(gateway, log))?.log.known(epoch) ?? []);
  }

  /** Keeps checkpoints, on disk when it resolves. Errors: ERR_WITNESS_CONFLICT, -_FULL, -_REQUEST, -_THROTTLED */
  async keep(gateway: string, { key, checkpoints }: KeepBody): Promise<{ readonly size: number }> {
    const shown = checkpoints.map(({ line, growth }): ShownCheckpoint => {
      const checkpoint = parseCheckpoint(Buffer.from(line));
      if (checkpoint === undefined || !/^[0-9a-f]{32}$/.test(checkpoint.log)) {
        throw new WitnessError("ERR_WITNESS_REQUEST", "a line is no checkpoint");
      }
      return { checkpoint, growth };
    });
    const [first, newest] = [shown[0]?.checkpoint, shown.at(-1)?.checkpoint];
    if (first === undefined || newest === undefined) throw new WitnessError("ERR_WITNESS_REQUEST", "nothing is shown");
    return await this.#inTurn(gateway, async () => {
      const found = (await this.#find(gateway, first.log)) ?? (await this.#begin(gateway, first, key));
      const fault = found.log.key === key ? await this.#kept(gateway, first.log, found, shown) : "signature";
      if (fault !== undefined) throw this.#accuse(gateway, found, first.log, newest, fault);
      const last = found.log.last!;
      const now = this.#options.now();
      if (now - found.recordedMs >= HOUR_MS || shown.some(({ checkpoint }) => checkpoint.next !== null)) {
        found.recordedMs = now;
        const { size, root, t } = last;
        this.#options.record({ event: "witnessed", peer: gateway, log: first.log, size, root, made: t });
      }
      return { size: last.size };
    });
  }

  async #kept(
    gateway: string,
    log: string,
    held: Held,
    shown: readonly ShownCheckpoint[],
  ): Promise<NotFollowing | undefined> {
    try {
      return await held.log.keep(shown);
    } catch (error) {
      // It knows more than is on disk now: read again, it does not.
      this.#held.delete(join(this.#options.dir, gateway, log));
      throw error;
    }
  }

  async #find(gateway: string, log: string): Promise<Held | undefined> {
    const base = join(this.#options.dir, gateway, log);
    const known = this.#held.get(base);
    if (known !== undefined) return known;
    const loaded = await WitnessedLog.load(base);
    return loaded === undefined ? undefined : this.#hold(base, loaded);
  }

  async #begin(gateway: string, first: Checkpoint, key: string): Promise<Held> {
    const { dir, onNotice, record } = this.#options;
    const gateways = await names(dir);
    const logs = (await names(join(dir, gateway))).flatMap((name) => /^([0-9a-f]{32})\.pub$/.exec(name)?.[1] ?? []);
    if (logs.length >= MOST_LOGS || (gateways.length >= MOST_GATEWAYS && !gateways.includes(gateway))) {
      throw new WitnessError("ERR_WITNESS_FULL", "no more logs are witnessed here: move old ones away from there");
    }
    const base = join(dir, gateway, first.log);
    const begun = await WitnessedLog.begin(base, key);
    if (begun === undefined) throw new WitnessError("ERR_WITNESS_REQUEST", "key is no public key of a log");
    record({ event: "witnessing", peer: gateway, log: first.log, key, others: logs });
    if (logs.length > 0)
      onNotice(`gateway "${gateway}" has begun a new log; the one before is kept: ${logs.join(", ")}`);
    return this.#hold(base, begun);
  }

  #hold(base: string, log: WitnessedLog): Held {
    const held = { log, recordedMs: Number.NEGATIVE_INFINITY, accusedMs: Number.NEGATIVE_INFINITY };
    this.#held.set(base, held);
    return held;
  }

  #accuse(gateway: string, held: Held, log: string, shown: Checkpoint, fault: string): WitnessError {
    const now = this.#options.now();
    const witnessed = held.log.last;
    const known = witnessed === undefined ? "another key" : `a checkpoint over ${witnessed.size} records`;
    if (now - held.accusedMs >= MINUTE_MS) {
      held.accusedMs = now;
      this.#options.record({
        event: "witness-conflict",
        ...{ peer: gateway, log, fault },
        witnessed: witnessed === undefined ? null : pointOf(witnessed),
        shown: pointOf(shown),
      });
      this.#options.onNotice(
        `ALARM: the log of gateway "${gateway}" does not go on from what is witnessed here (${fault}): look at it before it is changed further`,
      );
    }
    return new WitnessError(
      "ERR_WITNESS_CONFLICT",
      `the witness has ${known}, which this does not go on from (${fault})`,
    );
  }

  #inTurn<Result>(gateway: string, action: () => Promise<Result>): Promise<Result> {
    if (this.#pace.take(gateway, this.#options.now()) !== "allowed") {
      return Promise.reject(new WitnessError("ERR_WITNESS_THROTTLED", "too often: once a second is enough"));
    }
    const result = this.#last.then(action);
    // The one after does not fail with it.
    this.#last = result.catch(() => undefined);
    return result;
  }
}

function pointOf({ size, root, t, epoch }: Checkpoint): JsonValue {
  return { size, root, t, epoch };
}

async function names(dir: string): Promise<string[]> {
  try {
    return await readdir(dir);
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return [];
    throw error;
  }
}
