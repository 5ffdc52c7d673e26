import type { Finding, Location, Outcome, Subject, Transaction } from "@modwarden/access";
import {
  RefusalRollup,
  RingWriter,
  RollupTable,
  ringDurable,
  ringState,
  serialiseRecord,
  serialiseTransaction,
  whenDurable,
} from "@modwarden/audit";
import type { Clock } from "./clock.ts";
import { timestamp } from "./clock.ts";
import type { LineConfiguration } from "./configuration.ts";
import type { Counters } from "./counters.ts";
import type { Slot } from "./slot.ts";

/** Live transactions the feed may carry in a second; more are counted, so that watching never slows the line. */
const FEED_PER_SECOND = 500;

interface Waiting {
  readonly count: number;
  readonly slot: Slot;
  readonly use: number;
}

/** The line's side of the record: one record per transaction, the waits for durability, and the live feed. */
export class Journal {
  readonly #configuration: LineConfiguration;
  readonly #clock: Clock;
  readonly #counters: Counters;
  readonly #buffer: SharedArrayBuffer;
  readonly #ring: RingWriter;
  readonly #feed: RingWriter;
  readonly #resume: (slot: Slot) => void;
  readonly #resumed: () => void;
  readonly #reads = new RollupTable();
  readonly #refusals = new RefusalRollup();
  #waiting: Waiting[] = [];
  #waitingFrom = 0;
  #listening = false;
  #feedSecond = 0;
  #feedSent = 0;

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
    this.#buffer = parts.rings.audit;
    this.#ring = new RingWriter(parts.rings.audit);
    this.#feed = new RingWriter(parts.rings.feed);
    this.#resume = parts.resume;
    this.#resumed = parts.resumed;
  }

  /** The log cannot take records now: "unsure means no" for writes. */
  get failed(): boolean {
    return ringState(this.#buffer) !== "working";
  }

  /**
   * Records how a transaction ended. Returns the ring's count to wait for, or 0 when there is nothing to wait for
   * (the record was rolled up, or could not be taken and is counted).
   */
  record(slot: Slot, transaction: Transaction): number {
    const wallUs = this.#clock.wallUs();
    const nowMs = Math.floor(wallUs / 1000);
    const time = timestamp(wallUs);
    const body = serialiseTransaction(time, transaction);
    this.#show(body, wallUs);
    const { decision, outcome } = transaction;
    if (!decision.permit) {
      if (!this.#refusals.add(nowMs, transaction)) return 0;
    } else if (!slot.isWrite && outcome.exception !== undefined) {
      // A client that polls what its device refuses must not fill the log either.
      if (!this.#refusals.addReason(nowMs, transaction.location, `exception-${outcome.exception}`)) return 0;
    } else if (this.#configuration.audit.reads === "rollup" && RollupTable.accepts(transaction)) {
      const single = this.#reads.add(nowMs, transaction, outcome.values ?? []);
      return single === undefined ? 0 : this.#push(single);
    }
    return this.#push(body);
  }

  /** Records something that is no transaction: a connection that was refused or ended, a device's lie out of turn. */
  finding(
    finding: Finding,
    about: { readonly subject?: Subject; readonly location: Location; readonly device?: string },
  ): void {
    const nowMs = Math.floor(this.#clock.wallUs() / 1000);
    if (!this.#refusals.addReason(nowMs, about.location, finding.rule)) return;
    const fields = {
      ...(about.subject === undefined ? {} : { subject: { ...about.subject } }),
      location: { ...about.location },
      ...(about.device === undefined ? {} : { device: about.device }),
      finding: { ...finding },
    };
    this.#push(serialiseRecord(timestamp(this.#clock.wallUs()), "finding", fields));
  }

  /** `resume` is called for the slot once the ring's record `count` is durable. */
  whenDurable(count: number, slot: Slot): void {
    this.#waiting.push({ count, slot, use: slot.use });
    this.#listen();
  }

  /** Rolled-up records whose minute is over; all of them when the line stops. */
  flush(everything: boolean): void {
    const nowMs = Math.floor(this.#clock.wallUs() / 1000);
    for (const body of this.#reads.flush(nowMs, everything)) this.#push(body);
    for (const body of this.#refusals.flush(nowMs, everything)) this.#push(body);
  }

  /** Called on the line's tick: a failed log must not leave refusals waiting. */
  tick(): void {
    if (this.failed) this.#release(Number.POSITIVE_INFINITY);
    else this.#release(ringDurable(this.#buffer));
  }

  get waiting(): number {
    return this.#waiting.length - this.#waitingFrom;
  }

  #push(body: string): number {
    if (this.#ring.pushText(body)) return this.#ring.pushed;
    this.#counters.unrecorded += 1;
    return 0;
  }

  #show(body: string, wallUs: number): void {
    const second = Math.floor(wallUs / 1_000_000);
    if (second !== this.#feedSecond) {
      this.#feedSecond = second;
      this.#feedSent = 0;
    }
    this.#feedSent += 1;
    if (this.#feedSent > FEED_PER_SECOND || !this.#feed.pushText(body)) this.#counters.feedDropped += 1;
  }

  #listen(): void {
    const head = this.#waiting[this.#waitingFrom];
    if (this.#listening || head === undefined) return;
    const wait = whenDurable(this.#buffer, head.count);
    if (wait === undefined) {
      this.#release(ringDurable(this.#buffer));
      return;
    }
    this.#listening = true;
    const settled = (): void => {
      this.#listening = false;
      this.tick();
      this.#resumed();
    };
    // It rejects when the log cannot take records: the tick then lets refusals go out without it.
    wait.then(settled, settled);
  }

  #release(durable: number): void {
    for (;;) {
      const head = this.#waiting[this.#waitingFrom];
      if (head === undefined || head.count > durable) break;
      this.#waitingFrom += 1;
      if (head.slot.use === head.use) this.#resume(head.slot);
    }
    if (this.#waitingFrom === this.#waiting.length) {
      this.#waiting = [];
      this.#waitingFrom = 0;
    } else if (this.#waitingFrom > 1024) {
      this.#waiting = this.#waiting.slice(this.#waitingFrom);
      this.#waitingFrom = 0;
    }
    if (this.waiting > 0 && !this.failed) this.#listen();
  }
}

/** A transaction of the line as the record has it. */
export function transactionOf(
  slot: Slot,
  location: Location,
  subject: Subject,
  transport: "tcp" | "tls",
  outcome: Outcome,
): Transaction {
  const { operation, decision } = slot;
  if (operation === undefined || decision === undefined)
    throw new Error("a transaction is recorded before it is judged");
  return {
    subject,
    location,
    method: { transport, transaction: slot.transaction },
    operation,
    accesses: slot.accesses,
    decision,
    outcome,
    findings: slot.findings.slice(),
  };
}
