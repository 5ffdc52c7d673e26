/** Time, passed in, so that tests own it. */
export interface PollClock {
  /** Milliseconds from an arbitrary start; never goes back. */
  now(): number;
  /** Calls once after `ms` and returns what takes it back. */
  after(ms: number, call: () => void): () => void;
}

export const systemClock: PollClock = {
  now: () => performance.now(),
  after(ms, call) {
    const timer = setTimeout(call, ms);
    return () => clearTimeout(timer);
  },
};
