import { type AuditRecord, parseRecord } from "../record/record.ts";
import { formatTime } from "../record/time.ts";
import type { CheckpointChain } from "./checkpoint-chain.ts";
import { type ClockDoubt, Damage } from "./result.ts";

/**
 * A record may be older than its epoch by a request that was on its way, or by what waited for a stuck disk to come
 * back; and the clocks of the threads differ a little. More than this, in milliseconds, is told.
 */
const SLACK_MS = 120_000;
/** So many are told of one log, each for another epoch. */
const MOST_DOUBTS = 100;

const TIME_BYTES = 27;
/** `{"seq":` and `,"t":"`, between which the number stands. */
const AROUND_SEQ = 13;
/** From the beginning of the time to that of the kind: `","kind":"`. */
const TO_KIND: number = TIME_BYTES + 10;
const SYSTEM: Buffer = Buffer.from('system"');

type Chain = Pick<CheckpointChain, "epoch" | "epochBefore" | "last" | "expectOrder">;

/**
 * Binds the epochs to time. The key of an epoch that has ended is gone, so nobody can sign for it any more; but who
 * takes today's key may put records with the times of last week into today's epoch (CVE-2023-31439 was a verifier
 * that did not see that). A record therefore has to be no older than its epoch and no younger than the checkpoint that
 * covers it. The log also counts its checkpoints on record, so that none can be taken out.
 */
export class ClockCheck {
  readonly #chain: Chain;
  readonly #doubts = new Map<string, ClockDoubt>();
  #since: string | undefined;
  #earliest: Buffer | undefined;
  #until = "";
  #latest: Buffer | undefined;

  constructor(chain: Chain) {
    this.#chain = chain;
  }

  get doubts(): readonly ClockDoubt[] {
    return [...this.#doubts.values()];
  }

  /** The next records are those that a checkpoint of this time covers; undefined: none does yet. */
  expect(until: string | undefined): void {
    const { since } = this.#chain.epoch;
    if (since !== this.#since) {
      this.#since = since;
      this.#earliest = since === undefined ? undefined : timeAt(since, -SLACK_MS);
    }
    this.#until = until ?? "";
    this.#latest = until === undefined ? undefined : timeAt(until, SLACK_MS);
  }

  /** One record, whose form is right. `covered`: a checkpoint covers it. Throws Damage for a count that is wrong. */
  take(line: Buffer, seq: number, covered: boolean): void {
    const at = AROUND_SEQ + digits(seq);
    if (this.#earliest !== undefined && order(line, at, this.#earliest) < 0) {
      this.#doubt("before", line, seq, at);
    }
    if (this.#latest !== undefined && order(line, at, this.#latest) > 0) {
      this.#doubt("after", line, seq, at);
    }
    const kind = at + TO_KIND;
    if (line[kind] === SYSTEM[0] && line.compare(SYSTEM, 0, SYSTEM.length, kind, kind + SYSTEM.length) === 0) {
      this.#count(parseRecord(line, seq) as AuditRecord, covered);
    }
  }

  #count(record: AuditRecord, covered: boolean): void {
    const counted = record["checkpoints"];
    if (typeof counted !== "number") return;
    this.#chain.expectOrder();
    const { epoch, epochBefore } = this.#chain;
    const [first, count] =
      record["event"] === "start"
        ? [epochBefore.first, epochBefore.count]
        : [epoch.first, epoch.count - (covered ? 1 : 0)];
    if (counted === count) return;
    // Behind the last checkpoint it is most likely those at the end that are gone.
    const from = covered ? first : (this.#chain.last?.size ?? 0);
    throw new Damage(from, `there were ${counted} checkpoints of its epoch before record ${record.seq}, not ${count}`);
  }

  #doubt(side: "before" | "after", line: Buffer, seq: number, at: number): void {
    const { number: epoch } = this.#chain.epoch;
    const key = `${side} ${epoch}`;
    const known = this.#doubts.get(key);
    if (known !== undefined) this.#doubts.set(key, { ...known, records: known.records + 1 });
    else if (this.#doubts.size < MOST_DOUBTS) {
      const t = line.toString("latin1", at, at + TIME_BYTES);
      const limit = side === "before" ? { before: this.#since! } : { after: this.#until };
      this.#doubts.set(key, { epoch, seq, t, records: 1, ...limit });
    }
  }
}

function timeAt(time: string, shiftMs: number): Buffer {
  return Buffer.from(formatTime(Date.parse(time) + shiftMs));
}

function digits(number: number): number {
  let count = 1;
  for (let limit = 10; number >= limit; limit *= 10) count++;
  return count;
}

/** Below, at or above 0, as the time at `at` is before, at or after the other: a call of Node's own would take longer. */
function order(line: Uint8Array, at: number, time: Uint8Array): number {
  for (let index = 0; index < TIME_BYTES; index++) {
    const difference = line[at + index]! - time[index]!;
    if (difference !== 0) return difference;
  }
  return 0;
}
