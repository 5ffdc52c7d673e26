import { LogReader } from "../read/log-reader.ts";
import { type AuditRecord, parseRecord } from "../record/record.ts";
import type { Checkpoint } from "./checkpoint.ts";

/**
 * A clean stop covers its own record. What stands behind it can only be what the next open wrote before its first
 * checkpoint, where that was broken off: anything else was put there by somebody who has no key, and would be signed
 * by the next start as if it had happened.
 */
export function endsInStop(dir: string, last: Checkpoint): boolean {
  if (last.next === null || last.size === 0) return false;
  const reader = new LogReader(dir);
  try {
    const seq = last.size - 1;
    const line = reader.line(seq);
    const record = line === undefined ? undefined : parseRecord(line, seq);
    return record !== undefined && typeof record !== "string" && isSystem(record, "stop");
  } finally {
    reader.close();
  }
}

/** What an open writes before its first checkpoint. */
export function isOpening(record: AuditRecord): boolean {
  return isSystem(record, "recovery") || isSystem(record, "start");
}

function isSystem({ kind, event }: AuditRecord, wanted: string): boolean {
  return kind === "system" && event === wanted;
}
