import { conformanceFinding } from "@modwarden/detect";
import type { Bus } from "../bus.ts";
import { exceptions } from "../judge.ts";
import type { LineContext } from "../line-context.ts";
import { judgeReply, replyWithException, replyWithPdu } from "../reply.ts";
import type { Slot } from "../slot.ts";
import { forgetWritten, remember } from "../values.ts";

/** What becomes of a request that a device was sent, and of what is known of the device by that. */
export class Aftermath {
  readonly #bus: Bus;
  readonly #context: LineContext;

  constructor(bus: Bus, context: LineContext) {
    this.#bus = bus;
    this.#context = context;
  }

  /** The device's answer: the PDU stands at `start` to `end`; the call ends with it. */
  answered(slot: Slot, bytes: Uint8Array, start: number, end: number, unit: number): void {
    const { endings, clock, counters, movement } = this.#context;
    if (slot.request === undefined) return;
    const { device, values: last } = this.#bus;
    const { deviceUnit, id } = device;
    if (unit !== deviceUnit) {
      slot.findings.push(conformanceFinding("reply-unit", `asked unit ${deviceUnit}, answered ${unit}`));
    }
    const verdict = judgeReply(slot.request, slot.functionCode, bytes, start, end);
    if (verdict.kind === "lie") {
      counters.deviceLies += 1;
      slot.findings.push(verdict.finding);
      this.unknown(slot, exceptions.deviceFailure, undefined);
      return;
    }
    // Once it is settled the slot may be another request's.
    const { isWrite } = slot;
    const latencyUs = endings.latencyUs(slot);
    const nowMs = clock.monotonicMs();
    this.#end(slot, nowMs);
    replyWithPdu(slot, bytes, start, end);
    if (verdict.kind === "exception") {
      // A device may have done a part of it before it found what it does not like.
      this.#doubt(slot, nowMs);
      endings.settle(slot, { exception: verdict.exception, from: "device", latencyUs });
    } else {
      const values = remember(last, slot.accesses, verdict.response, nowMs, !slot.crossed);
      if (slot.crossed) movement.attempted(id, slot.accesses, nowMs);
      else movement.seen(id, slot.accesses, last, nowMs);
      endings.settle(slot, values === undefined ? { latencyUs } : { values, latencyUs });
    }
    if (isWrite) this.#release();
  }

  /** No answer counts: a write's outcome is not known, and it is not sent again. */
  unknown(slot: Slot, exception: number, reason: string | undefined): void {
    const { clock, endings } = this.#context;
    const { isWrite } = slot;
    const nowMs = clock.monotonicMs();
    this.#end(slot, nowMs);
    this.#doubt(slot, nowMs);
    replyWithException(slot, exception);
    endings.settle(slot, {
      ...(isWrite ? { result: "unknown" as const } : {}),
      exception,
      ...(reason === undefined ? {} : { reason }),
      latencyUs: endings.latencyUs(slot),
    });
    if (isWrite) this.#release();
  }

  /** What it would have written may stand there now, or not. */
  #doubt(slot: Slot, nowMs: number): void {
    if (!slot.isWrite) return;
    this.#forget(this.#bus, slot, nowMs);
  }

  /** Whether a neighbour has done a write is not known, whatever was answered. */
  #end(slot: Slot, nowMs: number): void {
    this.#bus.flight.end(slot);
    if (!slot.isWrite) return;
    for (const bus of this.#bus.neighbours) {
      bus.flight.end(slot);
      this.#forget(bus, slot, nowMs);
    }
  }

  /** Who waited for the write goes on. */
  #release(): void {
    for (const { flight } of [this.#bus, ...this.#bus.neighbours]) flight.release();
  }

  #forget({ device, values }: Bus, { accesses }: Slot, nowMs: number): void {
    forgetWritten(values, accesses);
    this.#context.movement.attempted(device.id, accesses, nowMs);
  }
}
