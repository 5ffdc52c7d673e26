/** What happened: the append-only log with signed checkpoints, its rings and recorder, and its verification. */
export { AuditError, type AuditErrorCode, TamperedError } from "./error.ts";
export { AuditLog, type AuditLogOptions, type AuditLogState } from "./log/audit-log.ts";
export type { WriteFs } from "./log/write-fs.ts";
export { type ReadOptions, readLines, readRecords } from "./read/records.ts";
export { countRecords, type TailOptions, tailLog } from "./read/tail.ts";
export { compactJson, type JsonValue } from "./record/json.ts";
export { type AuditRecord, type RecordKind, recordKinds, serialiseRecord } from "./record/record.ts";
export { formatTime } from "./record/time.ts";
export { serialiseTransaction } from "./record/transaction.ts";
export { Recorder, type RecorderOptions } from "./recorder/recorder.ts";
export { ringDurable, ringRefused, ringState, whenDurable } from "./ring/durable.ts";
export { createRing, type RingState } from "./ring/layout.ts";
export { RingReader } from "./ring/reader.ts";
export { RingWriter } from "./ring/writer.ts";
export { type RollupOptions, RollupTable } from "./rollup/reads.ts";
export { RefusalRollup, type RefusalRollupOptions } from "./rollup/refusals.ts";
export type { DamagedLog, VerifiedLog, VerifyResult } from "./verify/result.ts";
export { type VerifyOptions, verifyLog } from "./verify/verify.ts";
