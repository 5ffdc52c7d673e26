import { AuditError } from "../error.ts";
import { MAX_CHECKPOINT_BYTES, parseCheckpoint } from "../log/checkpoint.ts";
import { readExisting } from "../log/existing.ts";
import { readRecords } from "./records.ts";

const LF = 0x0a;

/**
 * The id of the log in a folder, not verified: what its first checkpoint says, for record 0 may be gone by retention;
 * what record 0 says before there is a checkpoint. Throws `ERR_AUDIT_NO_LOG`.
 */
export function logIdOf(dir: string): string {
  const head = readExisting(`${dir}/checkpoints.jsonl`, MAX_CHECKPOINT_BYTES + 1);
  const end = head?.indexOf(LF) ?? -1;
  const checkpoint = head === undefined || end < 0 ? undefined : parseCheckpoint(head.subarray(0, end));
  if (checkpoint !== undefined) return checkpoint.log;
  for (const { kind, log } of readRecords(dir)) {
    if (kind === "log" && typeof log === "string") return log;
    break;
  }
  throw new AuditError("ERR_AUDIT_NO_LOG", `${dir} does not say which log it holds`);
}
