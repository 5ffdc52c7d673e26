import { AuditError } from "../error.ts";
import { openSegment } from "../log/line-file.ts";
import { listSegments } from "../log/names.ts";
import { type AuditRecord, parseRecord } from "../record/record.ts";

export interface ReadOptions {
  /** Sequence number of the first record wanted. Default 0. */
  readonly fromSeq?: number;
}

/**
 * The lines of a log in order, without LF, up to what is there now. They are not verified. An unfinished last line is
 * left out; a segment that cannot be read ends with `ERR_AUDIT_TAMPERED`.
 */
export function* readLines(dir: string, options?: ReadOptions): Generator<string, void, void> {
  const from = options?.fromSeq ?? 0;
  const segments = listSegments(dir);
  if (segments.length === 0) throw new AuditError("ERR_AUDIT_NO_LOG", `${dir} holds no audit log`);
  for (const [index, segment] of segments.entries()) {
    if ((segments[index + 1]?.first ?? Number.POSITIVE_INFINITY) <= from) continue;
    const lines = openSegment(dir, segment);
    try {
      let seq = segment.first;
      for (let line = lines.next(); line !== undefined; line = lines.next(), seq++) {
        if (seq >= from) yield line.toString("utf8");
      }
      if (lines.damage !== undefined) {
        throw new AuditError("ERR_AUDIT_TAMPERED", `${lines.file} cannot be read to its end: ${lines.damage}`);
      }
    } finally {
      lines.close();
    }
  }
}

/** As `readLines`, parsed. A line that is no record ends it with `ERR_AUDIT_TAMPERED`. */
export function* readRecords(dir: string, options?: ReadOptions): Generator<AuditRecord, void, void> {
  let seq = options?.fromSeq ?? 0;
  for (const line of readLines(dir, options)) {
    const record = parseRecord(Buffer.from(line), seq);
    if (typeof record === "string") throw new AuditError("ERR_AUDIT_TAMPERED", `record ${seq} is damaged: ${record}`);
    seq++;
    yield record;
  }
}
