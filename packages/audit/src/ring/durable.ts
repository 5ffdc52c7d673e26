import { AuditError } from "../error.ts";
import { DURABLE, NEWS, REFUSED, type RingState, refusalReasons, ringStates, ringViews, STATE } from "./layout.ts";

/** How many of this ring's records are durable: counted from the first one pushed. */
export function ringDurable(buffer: SharedArrayBuffer): number {
  return Number(Atomics.load(ringViews(buffer).counters, DURABLE));
}

/** How many records this ring's producer could not hand over, for whatever reason. */
export function ringRefused(buffer: SharedArrayBuffer): number {
  const { counters } = ringViews(buffer);
  return refusalReasons.reduce((sum, _, index) => sum + Number(Atomics.load(counters, REFUSED + index)), 0);
}

/** How the recorder behind this ring is. */
export function ringState(buffer: SharedArrayBuffer): RingState {
  return ringStates[Atomics.load(ringViews(buffer).words, STATE)] ?? "failed";
}

/**
 * Waits until the first `count` records of this ring are durable: undefined when they are, else a promise. It rejects
 * with `ERR_AUDIT_FULL`, `ERR_AUDIT_FAILED` or `ERR_AUDIT_CLOSED` when the recorder is stuck or has ended. Meant for one wait at a time
 * and thread: wait for the next count that anybody needs, then look with `ringDurable` who can go on. A wait alone does
 * not keep a thread alive.
 */
export function whenDurable(buffer: SharedArrayBuffer, count: number): Promise<void> | undefined {
  return ringDurable(buffer) >= count ? undefined : waitDurable(buffer, count);
}

async function waitDurable(buffer: SharedArrayBuffer, count: number): Promise<void> {
  const { words } = ringViews(buffer);
  for (;;) {
    const seen = Atomics.load(words, NEWS);
    if (ringDurable(buffer) >= count) return;
    const state = ringState(buffer);
    if (state === "stuck") throw new AuditError("ERR_AUDIT_FULL", "the audit log takes no records: its disk is full");
    if (state === "failed") throw new AuditError("ERR_AUDIT_FAILED", "the audit log has failed");
    if (state === "stopped") throw new AuditError("ERR_AUDIT_CLOSED", "the recorder has stopped");
    const wait = Atomics.waitAsync(words, NEWS, seen);
    if (wait.async) await wait.value;
  }
}
