import type { DropReason, Limits } from "./options.ts";

/** What a connection is timed by. Moments are milliseconds of one clock; 0 for none. */
export class Deadlines {
  /** When the last byte came, or the connection was opened. */
  lastActivity: number;
  #partialSince = 0;
  #stalledSince = 0;

  constructor(now: number) {
    this.lastActivity = now;
  }

  /** Bytes came. The clock of a frame starts with its own first byte, however many bytes of it trickle in later. */
  received(now: number, frames: number, pending: number): void {
    if (pending === 0) this.#partialSince = 0;
    else if (frames > 0 || this.#partialSince === 0) this.#partialSince = now;
  }

  /** The client does not read. False when that is known. */
  stalled(now: number): boolean {
    if (this.#stalledSince !== 0) return false;
    this.#stalledSince = now;
    return true;
  }

  /** What it sent in the meantime is only read from now on. */
  drained(now: number): void {
    this.#stalledSince = 0;
    this.lastActivity = now;
    if (this.#partialSince !== 0) this.#partialSince = now;
  }

  /** Why the connection is to end, if it is. */
  passed(now: number, limits: Limits, idle: boolean): DropReason | undefined {
    const { frameTimeoutMs, idleTimeoutMs, stallTimeoutMs } = limits;
    // A client that is not read from owes nothing but to read.
    if (this.#stalledSince !== 0) return now - this.#stalledSince >= stallTimeoutMs ? "stalled" : undefined;
    if (this.#partialSince !== 0 && now - this.#partialSince >= frameTimeoutMs) return "frame-timeout";
    return idleTimeoutMs > 0 && idle && now - this.lastActivity >= idleTimeoutMs ? "idle" : undefined;
  }
}
