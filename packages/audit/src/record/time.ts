let cachedSecond = Number.NaN;
let cachedText = "";

/**
 * Milliseconds since 1970 (with a fraction, where the clock has one) as the log writes it, UTC with microseconds:
 * `2026-11-21T09:14:03.120771Z`.
 */
export function formatTime(epochMs: number): string {
  const microseconds = Math.floor(epochMs * 1000);
  const second = Math.floor(microseconds / 1e6);
  if (second !== cachedSecond) {
    cachedText = new Date(second * 1000).toISOString().slice(0, 20);
    cachedSecond = second;
  }
  return `${cachedText}${String(microseconds - second * 1e6).padStart(6, "0")}Z`;
}

const TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z$/;

export function isTime(value: unknown): value is string {
  return typeof value === "string" && TIME.test(value);
}
