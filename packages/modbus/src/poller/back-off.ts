/** How long something that failed is left alone: `minMs`, then `factor` times as long with each failure, at most `maxMs`. */
export interface BackOff {
  readonly minMs: number;
  readonly maxMs: number;
  readonly factor: number;
}

/** Milliseconds after the `failures`-th failure in a row, counted from 1. */
export function delayOf(backOff: BackOff, failures: number): number {
  return Math.min(backOff.maxMs, backOff.minMs * backOff.factor ** Math.max(0, failures - 1));
}

/** Whether a unit answers, and when a silent one is asked again. */
export class UnitState {
  /** Requests in a row that the unit left without an answer. */
  failures = 0;
  /** Not asked before then. */
  retryAt = 0;
  probing = false;

  get silent(): boolean {
    return this.failures > 0;
  }

  answered(): void {
    this.failures = 0;
  }

  failed(backOff: BackOff, now: number): void {
    this.failures += 1;
    this.retryAt = now + delayOf(backOff, this.failures);
  }
}
