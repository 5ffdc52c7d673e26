/** Wall clock with microseconds, and a monotonic one. Passed in, so that tests own time. */
export interface Clock {
  /** Microseconds since the epoch; never goes back within a run. */
  wallUs(): number;
  /** Milliseconds from an arbitrary start; for deadlines and latencies. */
  monotonicMs(): number;
}

const RESYNC_MS = 1_000;
const TOLERATED_DRIFT_US = 50_000;

/**
 * The system's clock. The wall time is carried by the monotonic clock, which has microseconds, and follows a step of
 * the system's clock within a second; a step backwards is followed by standing still, so that order is kept.
 */
export function systemClock(): Clock {
  let offsetUs = Date.now() * 1000 - performance.now() * 1000;
  let checkedMs = performance.now();
  let lastUs = 0;
  return {
    monotonicMs: () => performance.now(),
    wallUs() {
      const nowMs = performance.now();
      if (nowMs - checkedMs > RESYNC_MS) {
        checkedMs = nowMs;
        const actual = Date.now() * 1000 - nowMs * 1000;
        if (Math.abs(actual - offsetUs) > TOLERATED_DRIFT_US) offsetUs = actual;
      }
      const us = Math.floor(offsetUs + nowMs * 1000);
      lastUs = Math.max(us, lastUs);
      return lastUs;
    },
  };
}

let cachedSecond = -1;
let cachedText = "";

/** "2026-11-21T09:14:03.120771Z" from microseconds since the epoch. The part up to the second is cached. */
export function timestamp(us: number): string {
  const second = Math.floor(us / 1_000_000);
  if (second !== cachedSecond) {
    cachedSecond = second;
    cachedText = new Date(second * 1000).toISOString().slice(0, 20);
  }
  return `${cachedText}${String(us - second * 1_000_000).padStart(6, "0")}Z`;
}
