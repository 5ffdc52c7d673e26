/** Below this, two clocks merely drift apart. */
const JUMP_MS = 1000;

/** Notices that the wall clock was set, by holding it against one that is never set. */
export class ClockWatch {
  readonly #now: () => Date;
  readonly #monotonicMs: () => number;
  #offset: number;

  constructor(now: () => Date, monotonicMs: () => number) {
    this.#now = now;
    this.#monotonicMs = monotonicMs;
    this.#offset = now().getTime() - monotonicMs();
  }

  /** By how much the clock was set since the last call, in ms; 0 when it was not. */
  jumpMs(): number {
    const offset = this.#now().getTime() - this.#monotonicMs();
    const jump = Math.round(offset - this.#offset);
    this.#offset = offset;
    return Math.abs(jump) >= JUMP_MS ? jump : 0;
  }
}
