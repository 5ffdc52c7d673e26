import { AuditError } from "../error.ts";
import { compactJson, type JsonValue, quote } from "./json.ts";
import { isTime } from "./time.ts";

/** Every kind a record can have (formats.md, "Audit log"). */
export const recordKinds = [
  "log",
  "transaction",
  "rollup",
  "state",
  "finding",
  "enrolment",
  "identity",
  "policy",
  "approval",
  "system",
] as const;

export type RecordKind = (typeof recordKinds)[number];

/** A record as it is read back. `t` is UTC with microseconds. */
export interface AuditRecord {
  readonly seq: number;
  readonly t: string;
  readonly kind: RecordKind;
  readonly [field: string]: JsonValue | undefined;
}

/** A key that JavaScript would move to the front of the object when the record is read again. */
const INDEX_KEY = /^(0|[1-9]\d*)$/;

/**
 * The body of a record: everything after `{"seq":N,`. `time` as `formatTime` writes it. Fields that are undefined are
 * left out; their order is the order in the log.
 */
export function serialiseRecord(
  time: string,
  kind: Exclude<RecordKind, "transaction">,
  fields: { readonly [field: string]: JsonValue | undefined },
): string {
  let body = `"t":${quote(time)},"kind":"${kind}"`;
  for (const [field, value] of Object.entries(fields)) {
    if (value === undefined) continue;
    if (field === "seq" || field === "t" || field === "kind" || INDEX_KEY.test(field)) {
      throw new AuditError("ERR_AUDIT_BAD_RECORD", `a record cannot have a field named "${field}"`);
    }
    body += `,${quote(field)}:${compactJson(value)}`;
  }
  return `${body}}`;
}

const utf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
const kinds: ReadonlySet<unknown> = new Set(recordKinds);

/** Reads one line (without LF) as record `seq`. Returns the reason when it is not exactly what the log would write. */
export function parseRecord(line: Uint8Array, seq: number): AuditRecord | string {
  let text: string;
  let value: JsonValue;
  try {
    text = utf8.decode(line);
  } catch {
    return "the line is no UTF-8";
  }
  try {
    value = JSON.parse(text) as JsonValue;
  } catch {
    return "the line is no JSON";
  }
  if (typeof value !== "object" || value === null || Array.isArray(value)) return "the line is no record";
  const record = value as AuditRecord;
  if (record.seq !== seq) return `its sequence number is not ${seq}`;
  if (!isTime(record.t) || !kinds.has(record.kind)) return "it has no time or no known kind";
  if (!text.startsWith(`{"seq":${seq},"t":"${record.t}","kind":"${record.kind}"`)) return "its fields are out of order";
  return isCompact(value, text) ? record : "it is not in the compact form that the log writes";
}

function isCompact(value: JsonValue, text: string): boolean {
  try {
    return compactJson(value) === text;
  } catch (error) {
    // Nested so deep that it cannot be written: then the log has not written it.
    if (error instanceof RangeError) return false;
    throw error;
  }
}
