import type { RangeText } from "./text.ts";

/** Inclusive on both ends. */
export interface Range {
  readonly start: number;
  readonly end: number;
}

export function rangeOf(text: RangeText): Range {
  if (typeof text === "number") return { start: text, end: text };
  const dash = text.indexOf("-");
  return { start: Number(text.slice(0, dash)), end: Number(text.slice(dash + 1)) };
}

/** Sorted, without overlaps, neighbours joined: one form for whatever way a set was written. */
export function mergeRanges(ranges: readonly Range[]): readonly Range[] {
  const merged: { start: number; end: number }[] = [];
  for (const range of [...ranges].sort((left, right) => left.start - right.start)) {
    const last = merged.at(-1);
    if (last !== undefined && range.start <= last.end + 1) last.end = Math.max(last.end, range.end);
    else merged.push({ ...range });
  }
  return merged;
}

export function inRanges(ranges: readonly Range[], value: number): boolean {
  return ranges.some((range) => value >= range.start && value <= range.end);
}
