import type { Table } from "@modwarden/access";
import type { Extremes, KnownRegister, Moment, Question, RateLimit } from "@modwarden/policy";
import type { LineContext } from "../line-context.ts";

/**
 * What the line knows when a request is about to leave. Nothing is known of a register that a write on its way touches,
 * nor of a device that must not be reached.
 */
export class LineMoment implements Moment {
  readonly #context: LineContext;

  constructor(context: LineContext) {
    this.#context = context;
  }

  known(device: string, table: Table, address: number): KnownRegister | undefined {
    const bus = this.#context.bus(device);
    if (bus === undefined || bus.barred !== undefined || bus.flight.writes(table, address, 1)) return undefined;
    const value = bus.values.get(table, address);
    const seenMs = bus.values.seenMs(table, address);
    if (value === undefined || seenMs === undefined) return undefined;
    return { value, ageMs: Math.max(0, Math.floor(this.#context.clock.monotonicMs() - seenMs)) };
  }

  extremes(device: string, table: Table, address: number, withinMs: number): Extremes | undefined {
    const { clock, movement } = this.#context;
    const bus = this.#context.bus(device);
    if (bus === undefined || bus.barred !== undefined || bus.flight.writes(table, address, 1)) return undefined;
    return movement.extremes(device, table, address, withinMs, clock.monotonicMs());
  }

  hasToken(rate: RateLimit, subject: string): boolean {
    return this.#context.tokens.has(rate, subject, this.#context.clock.monotonicMs());
  }

  approved(rule: string, question: Question): boolean {
    const { clock, grants, policy } = this.#context;
    const people = policy.approvals.get(rule)?.people;
    if (people === undefined) return false;
    return (
      grants.find({ policy: policy.hash, rule, people }, question, Math.floor(clock.wallUs() / 1000)) !== undefined
    );
  }
}
