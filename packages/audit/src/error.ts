/**
 * What the audit room throws. Callers branch on `code`, never on the sentence.
 *
 * - `ERR_AUDIT_NO_LOG`: the folder holds no log.
 * - `ERR_AUDIT_NO_SEGMENT`: the log has no segment of that name.
 * - `ERR_AUDIT_NO_RECORD`: the record that was asked for is not in the log, or no checkpoint covers it yet.
 * - `ERR_AUDIT_NO_CHECKPOINT`: the log has no checkpoint over so many records, or it does not fit what was asked.
 * - `ERR_AUDIT_LATER_EPOCH`: a record is proved by a checkpoint of its own epoch only.
 * - `ERR_AUDIT_WITNESS`: a witness's file that cannot be read, or a line of it that this log has not signed.
 * - `ERR_AUDIT_TAMPERED`: what a checkpoint covers is not what the folder holds; `seq` and `segment` name the place.
 * - `ERR_AUDIT_KEY`: the private key of the current epoch is missing or is not the log's.
 * - `ERR_AUDIT_FULL`: the disk took nothing more. Nothing was lost; a later commit may succeed.
 * - `ERR_AUDIT_FAILED`: the log has failed for good and must be opened anew.
 * - `ERR_AUDIT_BAD_RECORD`: a record that cannot stand in the log (its form or its size).
 * - `ERR_AUDIT_HOLDS`: the file of legal holds cannot be read, or a hold that is asked for cannot be laid on or lifted.
 * - `ERR_AUDIT_CLOSED`: the log was closed.
 * - `ERR_AUDIT_INDEX`: the index of the log is damaged; it can be thrown away and made again.
 * - `ERR_AUDIT_INDEX_PLACE`: the index cannot be kept where it should be.
 * - `ERR_AUDIT_RING`: shared memory that is no ring, or a ring whose content is impossible.
 */
export type AuditErrorCode =
  | "ERR_AUDIT_NO_LOG"
  | "ERR_AUDIT_NO_SEGMENT"
  | "ERR_AUDIT_NO_RECORD"
  | "ERR_AUDIT_NO_CHECKPOINT"
  | "ERR_AUDIT_LATER_EPOCH"
  | "ERR_AUDIT_WITNESS"
  | "ERR_AUDIT_TAMPERED"
  | "ERR_AUDIT_KEY"
  | "ERR_AUDIT_FULL"
  | "ERR_AUDIT_FAILED"
  | "ERR_AUDIT_BAD_RECORD"
  | "ERR_AUDIT_HOLDS"
  | "ERR_AUDIT_CLOSED"
  | "ERR_AUDIT_INDEX"
  | "ERR_AUDIT_INDEX_PLACE"
  | "ERR_AUDIT_RING";

export class AuditError extends Error {
  readonly code: AuditErrorCode;

  constructor(code: AuditErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = new.target.name;
    this.code = code;
  }
}

/** Damage to something that a checkpoint covers: it is reported, never repaired. */
export class TamperedError extends AuditError {
  /** The first record that is wrong. */
  readonly seq: number;
  /** File name of the segment that holds it, or should. */
  readonly segment: string;

  constructor(seq: number, segment: string, reason: string) {
    super(
      "ERR_AUDIT_TAMPERED",
      `the audit log is not what its checkpoints say: record ${seq} in ${segment}: ${reason}. ` +
        "Keep the folder as evidence, move it away together with its keys and start a new log",
    );
    this.seq = seq;
    this.segment = segment;
  }
}

/** The `code` of an operating-system error, or "" for anything else. */
export function systemCode(error: unknown): string {
  return error instanceof Error && "code" in error ? String(error.code) : "";
}
