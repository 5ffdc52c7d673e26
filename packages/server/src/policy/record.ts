import { formatTime, type JsonValue, serialiseRecord } from "@modwarden/audit";
import { messageOf } from "../threads/thread-error.ts";

/** What happened to the policy of a site, as the log has it (kind `policy`). */
export interface PolicyRecord {
  readonly [field: string]: JsonValue | undefined;
  readonly event: "applied" | "rolled-back" | "withdrawn" | "refused" | "damaged" | "in-force";
  readonly version?: number;
  /** First 16 hex digits of the policy's SHA-256, as decisions carry it. */
  readonly hash?: string;
  readonly mode?: "enforce" | "shadow";
  readonly by?: "start" | "control" | "command";
  readonly of?: number;
  readonly tests?: "passed" | "failed" | "skipped";
  /** Of the text, hex. */
  readonly sha256?: string;
  readonly comment?: string;
  readonly reason?: string;
}

/** Of a reason so much is recorded. */
const REASON = 1000;

export function serialisePolicyRecord(now: Date, record: PolicyRecord): string {
  return serialiseRecord(formatTime(now.getTime()), "policy", record);
}

export function reasonOf(error: unknown): string {
  return messageOf(error).slice(0, REASON);
}
