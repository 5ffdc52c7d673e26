import type { Finding, Location, Outcome, Subject, Transaction } from "@modwarden/access";
import {
  RefusalRollup,
  type RefusalRollupOptions,
  RingWriter,
  RollupTable,
  serialiseRecord,
  serialiseTransaction,
} from "@modwarden/audit";
import type { Clock } from "./clock.ts";
import { timestamp } from "./clock.ts";
import type { LineConfiguration } from "./configuration.ts";
import type { Counters } from "./counters.ts";
import { DurableWaits } from "./durable-waits.ts";
import { RecorderWatch } from "./recorder-watch.ts";
import type { Slot } from "./slot.ts";
import type { StateChange } from "./state/state-watch.ts";

/** Live transactions the feed may carry in a second; more are counted, so that watching never slows the line. */
const FEED_PER_SECOND = 500;
/** Beside them, of refusals that the log only counts: they may come in any number. */
const FEED_COUNTED_PER_SECOND = 50;

/** What is refused of sources that nobody has registered: however many there are, they share a small quota. */
const strangers: RefusalRollupOptions = { maxSingle: 200, maxCounted: 256 };

/** No write is permitted while more of the ring than this may be taken: its record might find no room. */
const WRITES_UP_TO = 1 / 2;
/** Up to here there is room for every record; the rest is for the outcomes of writes that are under way. */
const OTHERS_UP_TO = 3 / 4;
const RECORD_HEAD_BYTES = 8;
const MINUTE_MS = 60_000;
const nothing: readonly Finding[] = [];

/** The line's side of the record: one record per transaction, the waits for durability, and the live feed. */
export class Journal {
  readonly #configuration: LineConfiguration;
  readonly #clock: Clock;
  readonly #counters: Counters;
  readonly #ring: RingWriter;
  readonly #feed: RingWriter;
  readonly #waits: DurableWaits;
  readonly #reads = new RollupTable();
  readonly #refusals = new RefusalRollup();
  readonly #strangers = new RefusalRollup(strangers);
  #intent = 0;
  readonly #watch: RecorderWatch;
  #feedSinceMs = 0;
  #feedSent = 0;
  #feedCounted = 0;

  constructor(parts: {
    readonly configuration: LineConfiguration;
    readonly clock: Clock;
    readonly counters: Counters;
    readonly rings: { readonly audit: SharedArrayBuffer; readonly feed: SharedArrayBuffer };
    /** Called for a slot whose record is durable; the slot is still the one that waited. */
    readonly resume: (slot: Slot) => void;
    /** Called after a batch of slots was resumed, outside a step of the line. */
    readonly resumed: () => void;
  }) {
    this.#configuration = parts.configuration;
    this.#clock = parts.clock;
    this.#counters = parts.counters;
    this.#ring = new RingWriter(parts.rings.audit);
    this.#watch = new RecorderWatch(parts.rings.audit, parts.configuration.limits.recorderStallMs);
    this.#feed = new RingWriter(parts.rings.feed);
    this.#waits = new DurableWaits(parts.rings.audit, this.#watch, parts);
  }

  /** The log cannot take records now: nothing waits for it. */
  get failed(): boolean {
    return this.#watch.failed;
  }

  /** The log might not take the record of what is dispatched now: "unsure means no" for writes. */
  get unsure(): boolean {
    return this.#watch.failed || this.#watch.fill > WRITES_UP_TO;
  }

  /**
   * Records how a transaction ended. Returns the ring's count to wait for, or 0 when there is nothing to wait for
   * (the record was rolled up, or could not be taken and is counted).
   */
  record(slot: Slot, transaction: Transaction): number {
    const wallUs = this.#clock.wallUs();
    const nowMs = Math.floor(wallUs / 1000);
    const single = this.#isSingle(slot, transaction, nowMs);
    const shown = this.#isShown(!single && !transaction.decision.permit);
    if (!single && !shown) return this.#rollUp(slot, transaction, nowMs);
    const body = serialiseTransaction(timestamp(wallUs), transaction);
    if (shown && !this.#feed.pushText(body, false)) this.#counters.feedDropped += 1;
    if (!single) return this.#rollUp(slot, transaction, nowMs);
    slot.bus?.watched?.told(transaction.accesses, transaction.outcome, !slot.crossed);
    return this.#push(body, slot.intent !== 0 || (slot.isWrite && transaction.decision.permit));
  }

  /** Whether the transaction has a record of its own. What may come in any number has only its first ones. */
  #isSingle(slot: Slot, transaction: Transaction, nowMs: number): boolean {
    const { decision, findings, location, outcome } = transaction;
    // What is on record as about to leave must not be left open.
    if (slot.intent !== 0) return true;
    if (!decision.permit) return this.#refusals.add(nowMs, transaction);
    if (slot.isWrite) return true;
    // A client that polls what its device refuses, or that leaves before it is answered, must not fill the log either.
    if (outcome.exception !== undefined) {
      return this.#refusals.addReason(nowMs, location, `exception-${outcome.exception}`);
    }
    if (outcome.result !== undefined) return this.#refusals.addReason(nowMs, location, outcome.result);
    const [finding] = findings;
    if (finding !== undefined) return this.#refusals.addReason(nowMs, location, finding.rule);
    return this.#configuration.audit.reads === "each" || !RollupTable.accepts(transaction);
  }

  /** Counts a transaction without a record of its own; refusals and their like have been counted already. */
  #rollUp(slot: Slot, transaction: Transaction, nowMs: number): number {
    if (!RollupTable.accepts(transaction)) return 0;
    const values = transaction.outcome.values ?? [];
    const [access] = transaction.accesses;
    // What was read while a write was on its way may be of before it: which came first is not known.
    if (access !== undefined && access.table !== null && !slot.crossed) {
      slot.bus?.watched?.seen(access.table, access.address, values, Math.floor(nowMs / MINUTE_MS));
    }
    const body = this.#reads.add(nowMs, transaction, values);
    return body === undefined ? 0 : this.#push(body, false);
  }

  /** Records something that is no transaction: a connection that was refused or ended, a device's lie out of turn. */
  finding(
    finding: Finding,
    about: { readonly subject?: Subject; readonly location: Location; readonly device?: string },
  ): void {
    const wallUs = this.#clock.wallUs();
    const counted = about.subject === undefined && about.device === undefined ? this.#strangers : this.#refusals;
    if (!counted.addReason(Math.floor(wallUs / 1000), about.location, finding.rule)) return;
    const fields = {
      ...(about.subject === undefined ? {} : { subject: { ...about.subject } }),
      location: { ...about.location },
      ...(about.device === undefined ? {} : { device: about.device }),
      finding: { ...finding },
    };
    this.#push(serialiseRecord(timestamp(wallUs), "finding", fields), false);
  }

  /**
   * Records a write before it leaves. Returns the ring's count to wait for, or 0 when the record could not be taken.
   * The slot keeps the number that its later record has as well.
   */
  intend(slot: Slot, location: Location, transport: "tcp" | "tls", outcome: Outcome): number {
    const wallUs = this.#clock.wallUs();
    // The time, so that no other start of the line gives the same, and never twice though the clock may stand.
    this.#intent = Math.max(this.#intent + 1, Math.floor(wallUs));
    slot.intent = this.#intent;
    const whole: Outcome = { ...outcome, result: "pending", intent: slot.intent };
    const transaction = transactionOf(slot, location, transport, whole);
    const count = this.#push(serialiseTransaction(timestamp(wallUs), transaction), true);
    if (count === 0) slot.intent = 0;
    return count;
  }

  isDurable(count: number): boolean {
    return this.#waits.isDurable(count);
  }

  /** `resume` is called for the slot once the ring's record `count` is durable, or will not be. */
  whenDurable(count: number, slot: Slot): void {
    this.#waits.add(count, slot);
  }

  /** A value of a device that is not what is on record of it. False when there is no room for that now. */
  state(device: string, unit: number, change: StateChange): boolean {
    if (this.#watch.fill > WRITES_UP_TO) return false;
    const { site, gateway, zone } = this.#configuration;
    const { table, address, values, points, before, skipped } = change;
    const location = { site, gateway, ...(zone === undefined ? {} : { zone }) };
    const fields = { location, device, unit, table, address, values, points, before, skipped };
    return this.#push(serialiseRecord(timestamp(this.#clock.wallUs()), "state", fields), false) > 0;
  }

  /** Values that were not followed, or changes that never found a place. */
  unfollowed(count: number): void {
    this.#ring.refuse("state", count);
  }

  /** Rolled-up records whose minute is over; all of them when the line stops. */
  flush(everything: boolean): void {
    const nowMs = Math.floor(this.#clock.wallUs() / 1000);
    for (const body of this.#reads.flush(nowMs, everything)) this.#push(body, everything);
    for (const counted of [this.#refusals, this.#strangers]) {
      for (const body of counted.flush(nowMs, everything)) this.#push(body, everything);
    }
  }

  /** The end of a step: what it has recorded is to be taken. */
  wake(): void {
    this.#ring.wake();
    this.#feed.wake();
  }

  /** Called on the line's tick: a failed log must not leave refusals waiting. */
  tick(): void {
    this.#waits.tick();
  }

  get waiting(): number {
    return this.#waits.size;
  }

  /** `first`: a record that the room kept back is for. */
  #push(body: string, first: boolean): number {
    if (!first && this.#watch.fill > OTHERS_UP_TO) this.#ring.refuse("reserve");
    else if (this.#ring.pushText(body, false)) {
      const { pushed } = this.#ring;
      this.#watch.pushed(pushed, body.length + RECORD_HEAD_BYTES);
      return pushed;
    }
    this.#counters.unrecorded += 1;
    return 0;
  }

  #isShown(counted: boolean): boolean {
    const nowMs = this.#clock.monotonicMs();
    if (nowMs - this.#feedSinceMs >= 1_000) {
      this.#feedSinceMs = nowMs;
      this.#feedSent = 0;
      this.#feedCounted = 0;
    }
    if (counted) this.#feedCounted += 1;
    else this.#feedSent += 1;
    if (counted ? this.#feedCounted <= FEED_COUNTED_PER_SECOND : this.#feedSent <= FEED_PER_SECOND) return true;
    this.#counters.feedDropped += 1;
    return false;
  }
}

/** A transaction of the line as the record has it. */
export function transactionOf(slot: Slot, location: Location, transport: "tcp" | "tls", outcome: Outcome): Transaction {
  const { operation, decision, findings } = slot;
  if (operation === undefined || decision === undefined)
    throw new Error("a transaction is recorded before it is judged");
  return {
    subject: slot.subject,
    location,
    method: { transport, transaction: slot.transaction },
    operation,
    accesses: slot.accesses,
    decision,
    outcome,
    findings: findings.length === 0 ? nothing : findings.slice(),
  };
}
