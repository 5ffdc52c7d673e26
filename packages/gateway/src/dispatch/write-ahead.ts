import type { Bus } from "../bus.ts";
import type { LineContext } from "../line-context.ts";
import type { Slot } from "../slot.ts";
import { knownBefore } from "../values.ts";

/**
 * Holds a write until it is on record, durably, that it is about to leave. Others at the same device go on meanwhile;
 * writes that wait together become durable together, and leave in the order in which they are on record.
 */
export class WriteAhead {
  readonly #bus: Bus;
  readonly #context: LineContext;

  constructor(bus: Bus, context: LineContext) {
    this.#bus = bus;
    this.#context = context;
  }

  /**
   * `go`: it may leave · `wait`: it is resumed when its record is durable, or when the log has failed · `lost`: it
   * cannot be recorded before it leaves.
   */
  step(slot: Slot): "go" | "wait" | "lost" {
    const { endings, journal } = this.#context;
    if (journal.failed) return "lost";
    if (slot.intent === 0) {
      const { session } = slot;
      if (session === undefined) throw new Error("a write that nobody asked for cannot be recorded");
      const before = knownBefore(this.#bus, slot.accesses);
      const outcome = { ...(before === undefined ? {} : { before }), latencyUs: endings.latencyUs(slot) };
      slot.intentCount = journal.intend(slot, session.location, session.transport, outcome);
      if (slot.intentCount === 0) return "lost";
    }
    if (journal.isDurable(slot.intentCount)) return "go";
    journal.whenDurable(slot.intentCount, slot);
    return "wait";
  }
}
