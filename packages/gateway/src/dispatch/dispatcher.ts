import type { Explanation } from "@modwarden/access";
import { conformanceFinding } from "@modwarden/detect";
import type { Question } from "@modwarden/policy";
import type { Bus } from "../bus.ts";
import type { DeviceConnection } from "../device-connection.ts";
import { FairQueue } from "../fair-queue.ts";
import { exceptions, refusal, type Verdict } from "../judge.ts";
import type { LineContext } from "../line-context.ts";
import { replyWithException } from "../reply.ts";
import type { Slot } from "../slot.ts";
import { knownBefore } from "../values.ts";
import { Gate, QUEUE_PATIENCE } from "./gate.ts";
import { WriteAhead } from "./write-ahead.ts";

/**
 * The last step before a request leaves: clients take their turns, what depends on the moment is decided, and what a
 * permit uses up is taken. Or the request ends here, without having been sent.
 */
export class Dispatcher {
  readonly #bus: Bus;
  readonly #context: LineContext;
  readonly #connection: DeviceConnection;
  readonly #queue: FairQueue;
  readonly #gate: Gate;
  readonly #writeAhead: WriteAhead;

  constructor(bus: Bus, connection: DeviceConnection, context: LineContext) {
    this.#bus = bus;
    this.#context = context;
    this.#connection = connection;
    this.#queue = new FairQueue(context.limits.queuePerDevice);
    this.#gate = new Gate(bus, context, (slot) => this.resume(slot));
    this.#writeAhead = new WriteAhead(bus, context);
  }

  get waiting(): number {
    return this.#queue.size;
  }

  /** False when the queue is full, and the request is refused. */
  add(slot: Slot): boolean {
    if (this.#queue.add(slot)) return true;
    this.#context.counters.refusedQueue += 1;
    this.refuse(slot, "outstanding", "the device's queue is full", exceptions.busy);
    return false;
  }

  /** A read of the gateway. `ahead`: part of the turn of a request that had it. */
  addOwn(slot: Slot, ahead: boolean): boolean {
    if (ahead ? this.#queue.addAhead(slot) : this.#queue.add(slot)) return true;
    this.#context.counters.refusedReads += 1;
    this.refuse(slot, "outstanding", "the device's queue is full", exceptions.busy);
    return false;
  }

  /** The client has gone before its request was sent: it is not sent. */
  cancel(slot: Slot): void {
    if (!this.#queue.remove(slot)) return;
    this.#gate.drop(slot);
    if (slot.decision === undefined) this.#decide(slot, this.#questionOf(slot));
    this.#context.endings.abandon(slot);
  }

  /** What a held request waited for is there, or will not come: it is next. */
  resume(slot: Slot): void {
    this.#queue.resume(slot);
    this.#context.pumpSoon(this.#bus);
  }

  /** There is another snapshot: what waits is judged by it. */
  reconsider(): void {
    this.#gate.reconsider();
  }

  /** Called on the line's tick. */
  checkTime(nowMs: number): void {
    this.#gate.checkTime(nowMs);
    this.pump();
  }

  /** Sends what the device has room for. */
  pump(): void {
    while (this.#connection.hasRoom) {
      const slot = this.#queue.next();
      if (slot === undefined) break;
      this.#dispatch(slot);
    }
  }

  #dispatch(slot: Slot): void {
    const { clock, configuration, epoch, journal } = this.#context;
    if (slot.epoch !== epoch && !this.#judgedAgain(slot)) return;
    const waitedMs = clock.monotonicMs() - slot.arrivedMs;
    if (waitedMs > QUEUE_PATIENCE * this.#bus.device.timeoutMs) {
      this.noAnswer(slot, `waited ${Math.round(waitedMs)} ms for the device`);
      return;
    }
    const question = slot.decision === undefined ? this.#questionOf(slot) : undefined;
    // By the policy that came meanwhile it may depend on nothing any more.
    if (question === undefined) this.#gate.drop(slot);
    else {
      if (!this.#passes(slot, question)) {
        this.#queue.hold(slot);
        return;
      }
      if (!this.#decided(slot, question)) return;
    }
    const recording = configuration.audit.onFailure[slot.isWrite ? "write" : "read"] === "refuse";
    if (recording && journal.unsure) {
      this.#refuseUnrecorded(slot);
      return;
    }
    if (slot.isWrite && configuration.audit.writeAhead) {
      const step = this.#writeAhead.step(slot);
      if (step === "wait") {
        // What depends on the moment is decided again as it leaves: this decision stands in the intent only.
        if (question !== undefined) slot.decision = undefined;
        this.#queue.hold(slot);
        return;
      }
      if (step === "lost" && recording) {
        this.#refuseUnrecorded(slot);
        return;
      }
    }
    if (question !== undefined) this.#gate.use(slot, question);
    if (slot.isWrite) slot.before = knownBefore(this.#bus, slot.accesses);
    slot.state = "sent";
    this.#bus.flight.add(slot);
    if (slot.isWrite) for (const { flight } of this.#bus.neighbours) flight.add(slot);
    this.#connection.send(slot.requestPdu, slot.requestBytes, slot.index);
  }

  #refuseUnrecorded(slot: Slot): void {
    this.#context.counters.refusedAudit += 1;
    this.refuse(slot, "audit", "the audit log cannot record", exceptions.deviceFailure);
  }

  /** What waited while the snapshot changed is judged by the new one: nothing leaves on an old permission. */
  #judgedAgain(slot: Slot): boolean {
    const { session } = slot;
    slot.epoch = this.#context.epoch;
    let verdict: Verdict = exceptions.illegalFunction;
    try {
      if (session !== undefined) verdict = session.judge(slot);
    } catch (error) {
      this.#fault(slot, error);
      verdict = exceptions.deviceFailure;
    }
    if (typeof verdict !== "number") return true;
    this.#gate.drop(slot);
    this.#context.endings.refuse(slot, verdict);
    return false;
  }

  #questionOf(slot: Slot): Question {
    const question = slot.session?.questionOf(slot, this.#bus.device.id, this.#context.moment);
    if (question === undefined) throw new Error("a transaction that nobody is asked about has no decision");
    return question;
  }

  #passes(slot: Slot, question: Question): boolean {
    try {
      return this.#gate.passes(slot, question);
    } catch (error) {
      this.#fault(slot, error);
      return true;
    }
  }

  /** Decides what depends on this moment. False: it is refused, and over. */
  #decided(slot: Slot, question: Question): boolean {
    const { counters, endings } = this.#context;
    const { because, permit } = this.#decide(slot, question);
    if (permit) return true;
    if (because === "rate") counters.refusedRate += 1;
    const fault = because === undefined ? exceptions.deviceFailure : exceptions.illegalFunction;
    endings.refuse(slot, because === "rate" ? exceptions.busy : fault);
    return false;
  }

  #decide(slot: Slot, question: Question): Explanation {
    try {
      slot.decision ??= this.#context.policy.decide(question);
      return slot.decision;
    } catch (error) {
      return this.#fault(slot, error);
    }
  }

  /** What must not happen refuses the request that it happened to, and does not end the line. */
  #fault(slot: Slot, error: unknown): Explanation {
    const { counters, policy } = this.#context;
    counters.closedErrors += 1;
    slot.findings.push(conformanceFinding("internal-error", error instanceof Error ? error.message : String(error)));
    slot.decision = { permit: false, rules: [], failed: "a fault of the gateway", policy: policy.hash };
    return slot.decision;
  }

  refuse(slot: Slot, because: "audit" | "outstanding" | "route", failed: string, exception: number): void {
    slot.decision = refusal(this.#context.policy.hash, because, failed);
    this.#context.endings.refuse(slot, exception);
  }

  /** What waited for a device that must not be reached any more. */
  refuseAll(reason: string): void {
    for (const slot of this.#drained()) this.refuse(slot, "route", reason, exceptions.pathUnavailable);
  }

  giveUp(reason: string): void {
    for (const slot of this.#drained()) this.noAnswer(slot, reason);
  }

  #drained(): readonly Slot[] {
    const slots = this.#queue.drain();
    for (const slot of slots) this.#gate.drop(slot);
    return slots;
  }

  /** It was never sent: 0B, and nothing is unknown. What was not decided yet is decided by what is known. */
  noAnswer(slot: Slot, reason: string): void {
    const { endings } = this.#context;
    this.#gate.drop(slot);
    if (slot.decision === undefined && !this.#decided(slot, this.#questionOf(slot))) return;
    replyWithException(slot, exceptions.noAnswer);
    endings.settle(slot, { exception: exceptions.noAnswer, reason, latencyUs: endings.latencyUs(slot) });
  }
}
