import { findSegment } from "../log/line-file.ts";
import { listSegments } from "../log/names.ts";
import { type AuditRecord, parseRecord } from "../record/record.ts";

export interface NewestOptions {
  /** A text that stands in the line of every such record: the others are not parsed. */
  readonly contains: string;
  readonly accept: (record: AuditRecord) => boolean;
  /** It is not looked for in segments that end before this time (as in a record). */
  readonly since: string;
  /** How many segments are looked through at most. */
  readonly segments: number;
}

/**
 * The newest record that is wanted; undefined where the segments that were looked through hold none. Not verified: a
 * line that is no record is passed over. What is being written now may be missing.
 */
export function newestRecord(dir: string, options: NewestOptions): AuditRecord | undefined {
  for (const segment of listSegments(dir).reverse().slice(0, options.segments)) {
    const lines = findSegment(dir, segment);
    // The oldest may have been removed since they were listed.
    if (lines === undefined) return undefined;
    try {
      let found: AuditRecord | undefined;
      let first: string | undefined;
      let seq = segment.first;
      for (let line = lines.next(); line !== undefined; line = lines.next(), seq++) {
        const wanted = line.includes(options.contains);
        if (!wanted && first !== undefined) continue;
        const record = parseRecord(line, seq);
        if (typeof record === "string") continue;
        first ??= record.t;
        if (wanted && options.accept(record)) found = record;
      }
      if (found !== undefined) return found;
      // Where this one begins before the time, the one before it ends before it.
      if (first !== undefined && first < options.since) return undefined;
    } finally {
      lines.close();
    }
  }
  return undefined;
}
