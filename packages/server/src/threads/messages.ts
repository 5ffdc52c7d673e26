import type { Retain, RingState } from "@modwarden/audit";
import type {
  Counters,
  DeviceStatus,
  Grant,
  LineConfiguration,
  LineSnapshot,
  Presented,
  TlsConfiguration,
  ValueAnswer,
  ValueQuery,
} from "@modwarden/gateway";
import type { DeviceFingerprint, SubjectChange } from "@modwarden/identity";
import type { AuditAnswer, AuditQuestion } from "../audit-index/question.ts";
import type { FeedEvent, FeedSettings } from "../syslog/feed.ts";
import type { SystemCause } from "./thread-error.ts";

/** A thread cannot go on: the last that it says. */
export interface ThreadFailure {
  readonly kind: "failed";
  readonly code: string;
  readonly message: string;
  readonly cause?: SystemCause;
}

/** What a line's thread is started with. */
export interface LineStart {
  readonly configuration: LineConfiguration;
  readonly snapshot: LineSnapshot;
  readonly rings: { readonly audit: SharedArrayBuffer; readonly feed: SharedArrayBuffer };
}

/** Control to line. `id` is repeated in the answer. */
export type LineRequest =
  | { readonly id: number; readonly kind: "apply"; readonly snapshot: LineSnapshot }
  | { readonly id: number; readonly kind: "change"; readonly change: SubjectChange; readonly epoch: number }
  | { readonly id: number; readonly kind: "enforce"; readonly policy: LineSnapshot["policy"]; readonly epoch: number }
  | { readonly id: number; readonly kind: "renew"; readonly tls: TlsConfiguration }
  | { readonly id: number; readonly kind: "status" }
  | { readonly id: number; readonly kind: "values"; readonly queries: readonly ValueQuery[] }
  /** An approval, complete, to be used once. The same one again replaces what it was. */
  | { readonly id: number; readonly kind: "grant"; readonly grant: Grant }
  /** `grant` is its id. */
  | { readonly id: number; readonly kind: "withdraw"; readonly grant: string }
  | { readonly id: number; readonly kind: "close"; readonly drainMs: number };

export interface LineStatus {
  readonly epoch: number;
  readonly counters: Counters;
  readonly devices: readonly DeviceStatus[];
  readonly connections: readonly number[];
}

/** Line to control. */
export type LineMessage =
  | { readonly kind: "open"; readonly urls: readonly string[] }
  | ThreadFailure
  | { readonly kind: "applied"; readonly id: number; readonly epoch: number; readonly closed: number }
  | ({ readonly kind: "presented" } & Presented)
  | { readonly kind: "fingerprint"; readonly device: string; readonly seen: DeviceFingerprint }
  | { readonly kind: "renewed"; readonly id: number }
  /** `taken` false: the line has no room for more. */
  | { readonly kind: "granted"; readonly id: number; readonly taken: boolean }
  /** `found` false: it was used, has expired, or never was. */
  | { readonly kind: "withdrawn"; readonly id: number; readonly found: boolean }
  /** What `grant` was for has been permitted by it and is on its way to the device; the grant is no more. */
  | { readonly kind: "grant-used"; readonly grant: string }
  | { readonly kind: "status"; readonly id: number; readonly status: LineStatus }
  | { readonly kind: "values"; readonly id: number; readonly answers: readonly ValueAnswer[] }
  | { readonly kind: "closed"; readonly id: number }
  | { readonly kind: "refused"; readonly id: number; readonly message: string };

/** What the recorder's thread is started with. */
export interface RecorderStart {
  readonly dir: string;
  readonly site: string;
  readonly gateway: string;
  readonly rings: readonly SharedArrayBuffer[];
  /** What is kept of the log. */
  readonly retain: Retain;
  /** Room that is kept for a full disk; 0: none. */
  readonly reserveBytes: number;
}

export interface RecorderStatus {
  readonly records: number;
  readonly checkpointed: number;
  /** The newest checkpoint that is on disk, as it stands in checkpoints.jsonl. */
  readonly checkpoint: string | undefined;
  readonly failed: boolean;
  readonly state: RingState;
  readonly log: string;
  /** SHA-256 of the first epoch's public key, hex. */
  readonly fingerprint: string;
}

/** Control to recorder. */
export type RecorderRequest =
  | { readonly id: number; readonly kind: "status" }
  | { readonly id: number; readonly kind: "checkpoint" }
  | { readonly id: number; readonly kind: "close" };

/** Recorder to control. */
export type RecorderMessage =
  | { readonly kind: "open"; readonly status: RecorderStatus }
  | ThreadFailure
  | { readonly kind: "alarm"; readonly message: string }
  | { readonly kind: "status"; readonly id: number; readonly status: RecorderStatus }
  | { readonly kind: "closed"; readonly id: number };

/** What the feed's thread is started with. */
export interface FeedStart {
  readonly settings: FeedSettings;
}

/** Control to feed. */
export interface FeedRequest {
  readonly id: number;
  readonly kind: "close";
}

/** Feed to control. */
export type FeedMessage =
  | ThreadFailure
  | { readonly kind: "event"; readonly event: FeedEvent }
  | { readonly kind: "closed"; readonly id: number };

/** What the index's thread is started with: the folder of the log. */
export interface IndexStart {
  readonly dir: string;
}

/** Control to index. */
export type IndexRequest =
  | { readonly id: number; readonly kind: "ask"; readonly question: AuditQuestion }
  | { readonly id: number; readonly kind: "close" };

/** Index to control. */
export type IndexMessage =
  | ThreadFailure
  | { readonly kind: "alarm"; readonly message: string }
  | { readonly kind: "answer"; readonly id: number; readonly answer: AuditAnswer }
  | { readonly kind: "closed"; readonly id: number };
