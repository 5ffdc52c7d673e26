/** Time, passed in so that tests can make it pass. */
export interface Timers {
  /** Milliseconds on a clock that never goes back. */
  now(): number;
  /** Calls back once, `ms` from now or a little later. Returns what calls it off. */
  after(ms: number, callback: () => void): () => void;
}

export const realTimers: Timers = {
  now: () => performance.now(),
  after(ms, callback) {
    const timer = setTimeout(callback, Math.max(1, Math.ceil(ms)));
    return () => clearTimeout(timer);
  },
};
