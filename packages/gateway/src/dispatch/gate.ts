import type { Need, Question } from "@modwarden/policy";
import type { Bus } from "../bus.ts";
import type { LineContext } from "../line-context.ts";
import type { Slot } from "../slot.ts";
import type { Wait } from "./wait.ts";

/** A request that has waited this many device time-outs is not sent any more: its client has given up. */
export const QUEUE_PATIENCE = 4;
/** Times that one request has something read: what was read may be unknown again before the request has its turn. */
const MOST_ROUNDS = 4;

/**
 * What is judged just before a request leaves, because it depends on what is known at that moment. What is missing or
 * too old is read first; what a write on its way touches is waited for. Every wait ends: then it is decided by what is
 * known, and what is not known does not hold.
 */
export class Gate {
  readonly #bus: Bus;
  readonly #context: LineContext;
  readonly #resume: (slot: Slot) => void;
  readonly #waits = new Map<Slot, Wait>();

  /** `resume` is told when a request that waited can be decided. */
  constructor(bus: Bus, context: LineContext, resume: (slot: Slot) => void) {
    this.#bus = bus;
    this.#context = context;
    this.#resume = resume;
  }

  /** Whether the request can be decided now; if not it has to be held. */
  passes(slot: Slot, question: Question): boolean {
    const { clock, policy } = this.#context;
    const before = this.#waits.get(slot);
    this.#waits.delete(slot);
    const needs = before?.failed === true ? [] : policy.needs(question);
    if (needs.length === 0) return true;
    const nowMs = clock.monotonicMs();
    const { blocked, missing } = this.#open(needs, nowMs);
    if (blocked.size === 0 && missing.size === 0) return true;
    const wait: Wait = {
      ...{ slot, use: slot.use, untilMs: nowMs, failed: false, rounds: before?.rounds ?? 0 },
      // One for the preparations: nothing is over before all of it is asked for.
      pending: 1,
      over: (done) => this.#over(done),
    };
    for (const bus of blocked) {
      bus.flight.awaitWrite(wait);
      wait.untilMs = Math.max(wait.untilMs, nowMs + bus.device.timeoutMs);
    }
    for (const [bus, ranges] of wait.rounds < MOST_ROUNDS ? missing : []) {
      const reads = bus.ownReads.ask(ranges, wait, bus === this.#bus);
      wait.untilMs = Math.max(wait.untilMs, nowMs + reads * bus.device.timeoutMs);
    }
    wait.untilMs = Math.min(wait.untilMs, nowMs + QUEUE_PATIENCE * this.#bus.device.timeoutMs);
    wait.pending -= 1;
    if (wait.pending === 0) return true;
    this.#waits.set(slot, wait);
    return false;
  }

  /** Called on the line's tick: nothing waits for longer than a device may take. */
  checkTime(nowMs: number): void {
    for (const wait of this.#waits.values()) {
      if (nowMs < wait.untilMs) continue;
      wait.failed = true;
      this.#over(wait);
    }
  }

  /** There is another policy: what waits is judged by it at once. */
  reconsider(): void {
    for (const wait of this.#waits.values()) this.#over(wait);
  }

  /** The request ends without its turn. */
  drop(slot: Slot): void {
    this.#waits.delete(slot);
  }

  /** Takes what acting on the permit uses up. */
  use(slot: Slot, question: Question): void {
    const { clock, grants, policy, tokens } = this.#context;
    const uses = slot.decision === undefined ? undefined : policy.uses(slot.decision);
    if (uses === undefined || question.subject === null) return;
    for (const rate of uses.rates) tokens.take(rate, question.subject, clock.monotonicMs());
    const used: (readonly string[])[] = [];
    for (const rule of uses.approvals) {
      if (used.some((rules) => rules.includes(rule))) continue;
      const people = policy.approvals.get(rule)?.people ?? 2;
      const grant = grants.find({ policy: policy.hash, rule, people }, question, Math.floor(clock.wallUs() / 1000));
      if (grant === undefined) continue;
      used.push(grant.rules);
      this.#context.grantUsed(grant.id);
    }
  }

  /** What is not known, or not fresh enough, by the device that knows it. */
  #open(needs: readonly Need[], nowMs: number): { blocked: ReadonlySet<Bus>; missing: ReadonlyMap<Bus, Need[]> } {
    const blocked = new Set<Bus>();
    const missing = new Map<Bus, Need[]>();
    for (const need of needs) {
      const bus = this.#context.bus(need.device);
      if (bus === undefined) continue;
      if (bus.flight.writes(need.table, need.address, need.quantity)) blocked.add(bus);
      else if (!isFresh(bus, need, nowMs)) missing.set(bus, [...(missing.get(bus) ?? []), need]);
    }
    return { blocked, missing };
  }

  /** Whatever it waited for: it is looked at again. */
  #over(wait: Wait): void {
    if (this.#waits.get(wait.slot) !== wait || wait.slot.use !== wait.use) return;
    this.#resume(wait.slot);
  }
}

function isFresh({ values }: Bus, { table, address, quantity, maxAgeMs }: Need, nowMs: number): boolean {
  for (let at = address; at < address + quantity; at += 1) {
    const seenMs = values.seenMs(table, at);
    if (seenMs === undefined || Math.floor(nowMs - seenMs) > maxAgeMs) return false;
  }
  return true;
}
