/** Refusals that one connection may have had lately and still be treated like any other. */
const TOLERATED = 20;
const FORGIVEN_PER_MS = 0.02;
const MOST = 1_000;

/** How much of what a connection asked was refused lately: twenty at once and twenty a second are forgiven. */
export class RefusalDebt {
  #debt = 0;
  #atMs = 0;

  add(nowMs: number): void {
    this.#debt = Math.min(this.#left(nowMs) + 1, MOST);
    this.#atMs = nowMs;
  }

  isDeep(nowMs: number): boolean {
    return this.#debt > TOLERATED && this.#left(nowMs) > TOLERATED;
  }

  #left(nowMs: number): number {
    return Math.max(0, this.#debt - (nowMs - this.#atMs) * FORGIVEN_PER_MS);
  }
}
