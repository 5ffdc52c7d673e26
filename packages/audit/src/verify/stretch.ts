import { AuditError } from "../error.ts";
import { listPeaks, type SegmentName, segmentBase } from "../log/names.ts";
import { loadPeaks } from "../log/peaks-file.ts";
import { Frontier } from "../merkle/frontier.ts";
import { Damage } from "./result.ts";
import { type Pruned, prunedBefore } from "./tombstone-chain.ts";

/** Which records are verified. */
export interface Stretch {
  /** The segments that hold them, in order, and where the last is sealed the one behind it. */
  readonly segments: readonly SegmentName[];
  /** What stands before them: trusted only when a checkpoint of its size has its root. */
  readonly start: Frontier;
  /** Number of the first record behind them; undefined: they go to the end of the log. */
  readonly end: number | undefined;
  /** What was removed before them. */
  readonly pruned?: Pruned;
}

/** All of them that were not removed lawfully. */
export function wholeLog(dir: string, segments: readonly SegmentName[]): Stretch {
  const first = segments[0]?.first ?? 0;
  if (first === 0) return { segments, start: Frontier.empty(), end: undefined };
  const pruned = prunedBefore(dir, first);
  if (pruned.size < first) throw new Damage(pruned.size, `the next segment begins with record ${first}`);
  const start = loadPeaks(dir, first);
  if (start !== undefined) return { segments, start, end: undefined, pruned };
  const reason = `${segmentBase(first)}.peaks is missing or damaged: without it what remains cannot be verified`;
  throw new Damage(first, reason);
}

/**
 * Those of one segment, named by its file or its number, from the peaks that are kept at its beginning. Where a
 * sealed segment ends is told by the next one or by that one's peaks.
 */
export function oneSegment(dir: string, segments: readonly SegmentName[], name: string): Stretch {
  const number = /^(\d{1,16})(?:\.[a-z.]+)?$/.exec(name)?.[1];
  const segment = segments.find(({ first }) => first === Number(number));
  if (segment === undefined) {
    throw new AuditError("ERR_AUDIT_NO_SEGMENT", `${dir} holds no segment ${name}: it is named as its file is`);
  }
  const { first } = segment;
  const start = loadPeaks(dir, first);
  if (start === undefined) {
    throw new Damage(
      first,
      `${segmentBase(first)}.peaks is missing or damaged: without it a segment cannot be verified alone`,
    );
  }
  const next = [...segments, ...listPeaks(dir)].find((other) => other.first > first);
  return { segments: next === undefined ? [segment] : [segment, next], start, end: next?.first };
}
