import { listFolder } from "./existing.ts";

export const CHECKPOINTS = "checkpoints.jsonl";
export const TOMBSTONES = "tombstones.jsonl";
export const KEY_FILE = "key.pub";

/** A segment is named by the sequence number of its first record, so that names sort as the records do. */
export function segmentBase(first: number): string {
  return String(first).padStart(12, "0");
}

export interface SegmentName {
  /** Sequence number of its first record. */
  readonly first: number;
  /** `000000000000.jsonl`, or with `.zst` or `.gz`: the plain file where both are there, for it is removed last. */
  readonly file: string;
}

/** The segments in `dir`, in order. Empty when there is no such folder. */
export function listSegments(dir: string): SegmentName[] {
  return numbered(dir, /^(\d{12,16})\.jsonl(?:\.zst|\.gz)?$/);
}

/** The files of leaf hashes in `dir`, in order. */
export function listLeaves(dir: string): SegmentName[] {
  return numbered(dir, /^(\d{12,16})\.leaves$/);
}

/** The files of peaks in `dir`, in order. */
export function listPeaks(dir: string): SegmentName[] {
  return numbered(dir, /^(\d{12,16})\.peaks$/);
}

function numbered(dir: string, pattern: RegExp): SegmentName[] {
  const found = new Map<number, string>();
  for (const name of listFolder(dir).sort()) {
    const base = pattern.exec(name)?.[1];
    if (base === undefined || segmentBase(Number(base)) !== base) continue;
    // Sorted: the plain file comes before the compressed ones.
    if (!found.has(Number(base))) found.set(Number(base), name);
  }
  return [...found].map(([first, file]) => ({ first, file })).sort((one, other) => one.first - other.first);
}

/** Name of the segment that holds record `seq`, or would hold it. */
export function segmentOf(segments: readonly SegmentName[], seq: number): string {
  return segments.findLast((segment) => segment.first <= seq)?.file ?? `${segmentBase(0)}.jsonl`;
}
