interface Mark {
  readonly next: number;
  readonly atMs: number;
}

/** Between marks: what is between them counts as of the later one. */
const MARK_MS = 200;

/**
 * What a receiver can be taken to have. It never says so: what the connection took, and what stood for some time after
 * without the connection ending, counts as delivered. What was sent just before it ended is sent again.
 */
export class Delivered {
  readonly #settleMs: number;
  /** At most one for each `MARK_MS` of the time that is waited for. */
  #marks: Mark[] = [];
  #next: number;
  #sent: number;

  constructor(next: number, settleMs: number) {
    this.#next = next;
    this.#sent = next;
    this.#settleMs = settleMs;
  }

  /** The connection took everything before record `next`. */
  took(next: number, nowMs: number): void {
    this.#sent = next;
    const last = this.#marks.at(-1);
    if (last !== undefined && nowMs - last.atMs < MARK_MS)
      this.#marks[this.#marks.length - 1] = { next, atMs: last.atMs };
    else this.#marks.push({ next, atMs: nowMs });
  }

  /** The first record that the receiver may not have. */
  next(nowMs: number): number {
    while (this.#marks[0] !== undefined && nowMs - this.#marks[0].atMs >= this.#settleMs + MARK_MS) {
      this.#next = this.#marks[0].next;
      this.#marks.shift();
    }
    return this.#next;
  }

  /** The connection has ended: with an orderly end from the other side it has everything, else what had settled. */
  ended(isOrderly: boolean, nowMs: number): number {
    const next = isOrderly ? this.#sent : this.next(nowMs);
    this.#marks = [];
    this.#next = next;
    this.#sent = next;
    return next;
  }
}
