import type { Explanation } from "@modwarden/access";
import type { AskedText } from "@modwarden/policy";

/** The policy in force, as the HTTP API tells it. */
export interface PolicyView {
  current(): PolicyDetails;
  /** What it decides of a request that somebody describes. Throws AskedError for what is no request. */
  explain(asked: AskedText): Explanation;
}

export interface PolicyDetails {
  readonly version: number;
  /** First 16 hex digits of the policy's SHA-256, as decisions carry it. */
  readonly hash: string;
  readonly mode: "enforce" | "shadow";
  readonly roles: readonly string[];
  /** The file as it was applied. */
  readonly text: string;
  /** The versions that are kept, the one in force last. */
  readonly history: readonly PolicyVersionView[];
}

export interface PolicyVersionView {
  readonly version: number;
  readonly hash: string;
  /** Of the text, hex. */
  readonly sha256: string;
  /** ISO 8601, UTC. */
  readonly time: string;
  readonly action: "apply" | "rollback" | "withdraw";
  readonly by: "start" | "control" | "command";
  /** The version whose text it is, of a rollback. */
  readonly of?: number;
  readonly tests: "passed" | "failed" | "skipped";
  readonly comment?: string;
}
