import { AuditError } from "../error.ts";
import { findSegment } from "../log/line-file.ts";
import { listSegments } from "../log/names.ts";
import { type AuditRecord, parseRecord } from "../record/record.ts";

export interface ReadOptions {
  /** Sequence number of the first record wanted. Default 0. */
  readonly fromSeq?: number;
}

/**
 * The lines of a log in order, without LF, up to what is there now. They are not verified. An unfinished last line is
 * left out; a segment that cannot be read ends with `ERR_AUDIT_TAMPERED`. Records that are not kept any longer are
 * passed over.
 */
export function* readLines(dir: string, options?: ReadOptions): Generator<string, void, void> {
  for (const { line } of numberedLines(dir, options?.fromSeq ?? 0)) yield line.toString("utf8");
}

/** As `readLines`, parsed. A line that is no record ends it with `ERR_AUDIT_TAMPERED`. */
export function* readRecords(dir: string, options?: ReadOptions): Generator<AuditRecord, void, void> {
  for (const { seq, line } of numberedLines(dir, options?.fromSeq ?? 0)) {
    const record = parseRecord(line, seq);
    if (typeof record === "string") throw new AuditError("ERR_AUDIT_TAMPERED", `record ${seq} is damaged: ${record}`);
    yield record;
  }
}

/** The lines with their numbers; a line is valid until the next. */
function* numberedLines(dir: string, from: number): Generator<{ seq: number; line: Buffer }, void, void> {
  const segments = listSegments(dir);
  if (segments.length === 0) throw new AuditError("ERR_AUDIT_NO_LOG", `${dir} holds no audit log`);
  for (const [index, segment] of segments.entries()) {
    if ((segments[index + 1]?.first ?? Number.POSITIVE_INFINITY) <= from) continue;
    const lines = findSegment(dir, segment);
    // The oldest may have been removed since they were listed.
    if (lines === undefined && (listSegments(dir)[0]?.first ?? 0) > segment.first) continue;
    if (lines === undefined) throw new AuditError("ERR_AUDIT_NO_LOG", `segment ${segment.file} of ${dir} was removed`);
    try {
      let seq = segment.first;
      for (let line = lines.next(); line !== undefined; line = lines.next(), seq++) {
        if (seq >= from) yield { seq, line };
      }
      if (lines.damage !== undefined) {
        throw new AuditError("ERR_AUDIT_TAMPERED", `${lines.file} cannot be read to its end: ${lines.damage}`);
      }
    } finally {
      lines.close();
    }
  }
}
