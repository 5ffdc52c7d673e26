/** A value grows stale on the page too: while it stands still, or the connection is lost, nothing new says so. */
import type { PointQuality } from "../api/wire.ts";

/** As long as the server calls a value fresh. */
export const FRESH_MS = 10_000;

/** What a value that was told as `quality` is by now. Only a good one ages; null is the age of what was never read. */
export function qualityAt(quality: PointQuality, ageMs: number | null): PointQuality {
  return quality === "good" && ageMs !== null && ageMs > FRESH_MS ? "stale" : quality;
}
