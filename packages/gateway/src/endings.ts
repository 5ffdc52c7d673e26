import type { Outcome } from "@modwarden/access";
import type { Clock } from "./clock.ts";
import type { Counters } from "./counters.ts";
import { type Journal, transactionOf } from "./journal.ts";
import { replyWithException } from "./reply.ts";
import type { Slot, SlotTable } from "./slot.ts";

/** How transactions end: recorded first, then answered, where it must be when the record is durable. */
export class Endings {
  readonly #journal: Journal;
  readonly #slots: SlotTable;
  readonly #clock: Clock;
  readonly #counters: Counters;

  constructor(parts: {
    readonly journal: Journal;
    readonly slots: SlotTable;
    readonly clock: Clock;
    readonly counters: Counters;
  }) {
    this.#journal = parts.journal;
    this.#slots = parts.slots;
    this.#clock = parts.clock;
    this.#counters = parts.counters;
  }

  /** With an exception of the gateway's own. */
  refuse(slot: Slot, exception: number): void {
    this.#counters.refused += 1;
    if (slot.decision?.because === "malformed") this.#counters.malformed += 1;
    if (slot.decision?.because === "outstanding") this.#counters.refusedOutstanding += 1;
    replyWithException(slot, exception);
    this.#conclude(slot, { exception, latencyUs: this.latencyUs(slot) }, true);
  }

  /** With what the device said or did; `slot` holds the reply. */
  settle(slot: Slot, outcome: Outcome): void {
    this.#conclude(slot, outcome, slot.findings.length > 0);
  }

  /** Before it was sent, because its client has gone. */
  abandon(slot: Slot): void {
    this.#record(slot, { result: "closed", latencyUs: this.latencyUs(slot) });
    this.#slots.give(slot);
  }

  latencyUs(slot: Slot): number {
    return Math.max(0, Math.round((this.#clock.monotonicMs() - slot.arrivedMs) * 1000));
  }

  #conclude(slot: Slot, outcome: Outcome, durable: boolean): void {
    const { session } = slot;
    if (session === undefined) throw new Error("a transaction without a session cannot end");
    const count = this.#record(slot, outcome);
    session.concluded();
    if (durable && count > 0 && !this.#journal.failed) {
      slot.state = "waiting-to-reply";
      this.#journal.whenDurable(count, slot);
    } else {
      session.ready(slot);
    }
  }

  #record(slot: Slot, outcome: Outcome): number {
    const { session } = slot;
    if (session === undefined) throw new Error("a transaction without a session cannot be recorded");
    const { before, intent } = slot;
    const whole =
      before === undefined && intent === 0
        ? outcome
        : { ...outcome, ...(intent === 0 ? {} : { intent }), ...(before === undefined ? {} : { before }) };
    return this.#journal.record(slot, transactionOf(slot, session.location, session.transport, whole));
  }
}
