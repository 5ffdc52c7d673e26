import { conformanceFinding } from "@modwarden/detect";
import type { DeviceConfiguration } from "../configuration.ts";
import { exceptions } from "../judge.ts";
import type { LineContext } from "../line-context.ts";
import { judgeReply, replyWithException, replyWithPdu } from "../reply.ts";
import type { Slot } from "../slot.ts";
import { forgetWritten, type LastValues, remember } from "../values.ts";
import type { Flight } from "./flight.ts";

/** What becomes of a request that a device was sent, and of what is known of the device by that. */
export class Aftermath {
  readonly #device: DeviceConfiguration;
  readonly #values: LastValues;
  readonly #flight: Flight;
  readonly #context: LineContext;

  constructor(parts: {
    readonly device: DeviceConfiguration;
    readonly values: LastValues;
    readonly flight: Flight;
    readonly context: LineContext;
  }) {
    this.#device = parts.device;
    this.#values = parts.values;
    this.#flight = parts.flight;
    this.#context = parts.context;
  }

  /** The device's answer: the PDU stands at `start` to `end`; the call ends with it. */
  answered(slot: Slot, bytes: Uint8Array, start: number, end: number, unit: number): void {
    const { endings, clock, counters, movement } = this.#context;
    if (slot.request === undefined) return;
    const { deviceUnit, id } = this.#device;
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
    const { isWrite } = slot;
    const latencyUs = endings.latencyUs(slot);
    const nowMs = clock.monotonicMs();
    this.#flight.end(slot);
    replyWithPdu(slot, bytes, start, end);
    if (verdict.kind === "exception") {
      // A device may have done a part of it before it found what it does not like.
      this.#doubt(slot, nowMs);
      endings.settle(slot, { exception: verdict.exception, from: "device", latencyUs });
    } else {
      const values = remember(this.#values, slot.accesses, verdict.response, nowMs, !slot.crossed);
      if (slot.crossed) movement.attempted(id, slot.accesses, nowMs);
      else movement.seen(id, slot.accesses, this.#values, nowMs);
      endings.settle(slot, values === undefined ? { latencyUs } : { values, latencyUs });
    }
    if (isWrite) this.#flight.release();
  }

  /** No answer counts: a write's outcome is not known, and it is not sent again. */
  unknown(slot: Slot, exception: number, reason: string | undefined): void {
    const { clock, endings } = this.#context;
    const { isWrite } = slot;
    this.#flight.end(slot);
    this.#doubt(slot, clock.monotonicMs());
    replyWithException(slot, exception);
    endings.settle(slot, {
      ...(isWrite ? { result: "unknown" as const } : {}),
      exception,
      ...(reason === undefined ? {} : { reason }),
      latencyUs: endings.latencyUs(slot),
    });
    if (isWrite) this.#flight.release();
  }

  /** What it would have written may stand there now, or not. */
  #doubt(slot: Slot, nowMs: number): void {
    if (!slot.isWrite) return;
    forgetWritten(this.#values, slot.accesses);
    this.#context.movement.attempted(this.#device.id, slot.accesses, nowMs);
  }
}
