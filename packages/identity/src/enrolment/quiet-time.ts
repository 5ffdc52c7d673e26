/** Whoever was handed a certificate just now has at least so long to confirm it. */
const SURE_MS = 10_000;

/**
 * How long nothing can become overdue, as of the last look at the registry: what is entered later is due later than
 * that, so it need not be asked again before each request.
 */
export class QuietTime {
  #from = 0;
  #until = 0;

  covers(nowMs: number): boolean {
    return nowMs >= this.#from && nowMs < this.#until;
  }

  /** At `nowMs` the first that could become overdue was due at `dueMs`; null for none. */
  looked(nowMs: number, dueMs: number | null): void {
    this.#from = nowMs;
    this.#until = Math.min(nowMs + SURE_MS, dueMs ?? Number.POSITIVE_INFINITY);
  }
}
