import type { Timers } from "../timers.ts";

/** Time that passes only when a test says so. */
export class VirtualTimers implements Timers {
  #now = 0;
  #planned: { readonly at: number; readonly callback: () => void }[] = [];

  now(): number {
    return this.#now;
  }

  after(ms: number, callback: () => void): () => void {
    const plan = { at: this.#now + Math.max(0, ms), callback };
    this.#planned.push(plan);
    return () => {
      this.#planned = this.#planned.filter((one) => one !== plan);
    };
  }

  /** Lets `ms` pass, with everything that is due on the way at its own time. */
  pass(ms: number): void {
    const end = this.#now + ms;
    for (;;) {
      const next = this.#planned
        .filter(({ at }) => at <= end)
        .reduce<{ at: number; callback: () => void } | undefined>(
          (a, b) => (a !== undefined && a.at <= b.at ? a : b),
          undefined,
        );
      if (next === undefined) break;
      this.#planned = this.#planned.filter((one) => one !== next);
      this.#now = Math.max(this.#now, next.at);
      next.callback();
    }
    this.#now = end;
  }
}
