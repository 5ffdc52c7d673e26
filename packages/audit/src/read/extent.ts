import { sizeOfExisting } from "../log/existing.ts";
import { listSegments, type SegmentName } from "../log/names.ts";
import { readRecords } from "./records.ts";

/** How much of a log there is. */
export interface LogExtent {
  readonly segments: number;
  /** Of the segments, as they are on the disk. */
  readonly bytes: number;
  /** The first record that is still there. */
  readonly oldest: { readonly seq: number; readonly t: string } | undefined;
}

/** Looks at the folder alone, but for the first record; `before`: what it was when it was looked at last. */
export function logExtent(dir: string, before?: LogExtent): LogExtent {
  const segments = listSegments(dir);
  const bytes = segments.reduce((sum, { file }) => sum + (sizeOfExisting(`${dir}/${file}`) ?? 0), 0);
  const [first] = segments;
  const same = before?.oldest !== undefined && before.oldest.seq === first?.first;
  return { segments: segments.length, bytes, oldest: same ? before.oldest : oldestOf(dir, first) };
}

function oldestOf(dir: string, first: SegmentName | undefined): LogExtent["oldest"] {
  if (first === undefined) return undefined;
  for (const { seq, t } of readRecords(dir, { fromSeq: first.first })) return { seq, t };
  return undefined;
}
