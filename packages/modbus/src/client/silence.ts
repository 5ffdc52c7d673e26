/**
 * Counts the time-outs in a row in which nothing at all has come. A peer that has lost its power, or the way to it, says
 * no goodbye, and what TCP itself finds out takes it a quarter of an hour.
 */
export class Silence {
  readonly limit: number;
  #count = 0;
  #since = Number.NEGATIVE_INFINITY;

  /** 0: never. */
  constructor(limit: number) {
    this.limit = limit;
  }

  heard(): void {
    this.#count = 0;
  }

  /** A request has timed out at `now`. True when the peer is to be taken for dead, once. */
  timedOut(now: number, timeoutMs: number): boolean {
    // Requests that were open together are one sign.
    if (now - this.#since < timeoutMs) return false;
    this.#since = now;
    this.#count += 1;
    return this.#count === this.limit;
  }
}
