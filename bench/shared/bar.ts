/** What has to be reached, in comparison: judged by the median over the rounds. */
import type { Summary } from "./statistics.ts";

export type Unit = "x" | "KiB" | "us" | "/s";

export interface Bar {
  readonly what: string;
  readonly bound: "at least" | "at most";
  readonly limit: number;
  readonly unit: Unit;
  /** Undefined when one of the two could not be measured. */
  readonly measured: Summary | undefined;
  readonly met: boolean | undefined;
}

export function atLeast(what: string, limit: number, measured: Summary | undefined, unit: Unit = "x"): Bar {
  const met = measured === undefined ? undefined : measured.median >= limit;
  return { what, bound: "at least", limit, unit, measured, met };
}

export function atMost(what: string, limit: number, measured: Summary | undefined, unit: Unit = "x"): Bar {
  const met = measured === undefined ? undefined : measured.median <= limit;
  return { what, bound: "at most", limit, unit, measured, met };
}
