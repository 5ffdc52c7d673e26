import type { Location } from "@modwarden/access";
import type { DeviceFingerprint } from "@modwarden/identity";
import { decodeResponse, MBAP_HEADER } from "@modwarden/protocol";
import type { Asker } from "../asker.ts";
import type { Bus } from "../bus.ts";
import type { FingerprintPlan } from "../configuration.ts";
import { exceptions, type Verdict } from "../judge.ts";
import type { LineContext } from "../line-context.ts";
import { exceptionOf, ownLocation, ownRequest } from "../own-request.ts";
import type { Slot } from "../slot.ts";
import { Reading } from "./reading.ts";

/** A device that did not answer is not asked again before this, nor one that closes its connections all the time. */
const PAUSE_MS = 60_000;
/** The first part of a PDU that is a request's own function code. */
const FUNCTION_AT = MBAP_HEADER;

/**
 * Reads what a device is, as the gateway itself: at the start, every so often, and when a connection stands again. Its
 * requests are reads, wait in the same queue as everybody's for their turn, and are on record. Silence, a lie, or a busy
 * device say nothing of what it is: such a reading comes to nothing and is tried again later.
 */
export class Prober implements Asker {
  readonly location: Location;
  readonly transport: "tcp" | "tls";
  readonly #bus: Bus;
  readonly #context: LineContext;
  readonly #plan: FingerprintPlan;
  readonly #done: (seen: DeviceFingerprint) => void;
  #reading: Reading | undefined;
  #dueMs = 0;
  #endedMs = Number.NEGATIVE_INFINITY;

  constructor(parts: {
    readonly bus: Bus;
    readonly context: LineContext;
    readonly plan: FingerprintPlan;
    readonly done: (seen: DeviceFingerprint) => void;
  }) {
    this.location = ownLocation(parts.context.configuration);
    this.transport = parts.bus.device.transport ?? "tcp";
    this.#bus = parts.bus;
    this.#context = parts.context;
    this.#plan = parts.plan;
    this.#done = parts.done;
  }

  /** The connection to the device stands anew: another device may be behind it. */
  connected(): void {
    this.#dueMs = Math.min(this.#dueMs, this.#endedMs + PAUSE_MS);
  }

  /** Called on the line's tick. */
  checkTime(nowMs: number): void {
    if (this.#reading !== undefined || nowMs < this.#dueMs || this.#bus.barred !== undefined) return;
    this.#reading = new Reading(this.#plan);
    this.#ask(this.#reading);
  }

  questionOf(): undefined {
    return undefined;
  }

  judge(): Verdict {
    return this.#bus.barred === undefined ? this.#bus : exceptions.pathUnavailable;
  }

  concluded(): void {
    // It asks one thing at a time.
  }

  ready(slot: Slot): void {
    const reading = this.#reading;
    const { request, reply, replyBytes } = slot;
    let good = false;
    if (reading !== undefined && request !== undefined && slot.decision?.permit === true && isAnswer(slot)) {
      good = reading.take(request, decodeResponse(reply, FUNCTION_AT, replyBytes));
    }
    this.#context.slots.give(slot);
    if (reading === undefined || !good) this.#end(PAUSE_MS);
    // Not from within the step that has just ended a transaction.
    else setImmediate(() => this.#ask(reading));
  }

  #ask(reading: Reading): void {
    const { slots } = this.#context;
    const request = reading.next();
    if (request === undefined) {
      this.#end(this.#plan.everyMs);
      this.#done(reading.result());
      return;
    }
    const slot = slots.take();
    if (slot === undefined) {
      this.#end(PAUSE_MS);
      return;
    }
    ownRequest(slot, request, { asker: this, bus: this.#bus, context: this.#context, rule: "gateway:fingerprint" });
    this.#bus.enqueue(slot);
  }

  #end(pauseMs: number): void {
    this.#reading = undefined;
    this.#endedMs = this.#context.clock.monotonicMs();
    this.#dueMs = this.#endedMs + pauseMs;
  }
}

/** The device itself has said so, not the gateway in its place. */
function isAnswer(slot: Slot): boolean {
  const exception = exceptionOf(slot);
  return slot.findings.length === 0 && exception !== exceptions.noAnswer && exception !== exceptions.pathUnavailable;
}
