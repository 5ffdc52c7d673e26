import type { Transaction } from "@modwarden/access";
import type { JsonValue } from "../record/json.ts";
import { type AuditRecord, parseRecord, type RecordKind, recordKinds, serialiseRecord } from "../record/record.ts";
import { serialiseTransaction } from "../record/transaction.ts";

const TIME = "2026-11-21T09:14:03.120771Z";

/** The record of a transaction, as it is read back from a log. */
export function transactionRecord(transaction: Transaction, seq = 1841): AuditRecord {
  return parsed(`{"seq":${seq},${serialiseTransaction(TIME, transaction)}`, seq);
}

export function recordOf(
  kind: Exclude<RecordKind, "transaction">,
  fields: { readonly [field: string]: JsonValue | undefined },
  seq = 1841,
): AuditRecord {
  return parsed(`{"seq":${seq},${serialiseRecord(TIME, kind, fields)}`, seq);
}

function parsed(line: string, seq: number): AuditRecord {
  const record = parseRecord(Buffer.from(line), seq);
  if (typeof record === "string") throw new Error(record);
  return record;
}

const location = { site: "demo", gateway: "gw1", zone: "hall-2" };

/** A write of 90 to the set point that the policy refuses. */
export const refusedWrite: Transaction = {
  subject: { id: "hmi-2", role: "Operator", cert: "3f" },
  location: { ...location, source: "10.0.0.5:49152" },
  method: { transport: "tls", transaction: 77 },
  operation: { function: 6, name: "write-single-register" },
  accesses: [
    {
      device: "drive",
      unit: 3,
      table: "holding",
      address: 50_009,
      quantity: 1,
      write: true,
      points: ["setpoint"],
      values: [90],
    },
  ],
  decision: { permit: false, rules: ["setpoint"], because: "max", failed: "max 80, got 90", policy: "a1b2" },
  outcome: { exception: 1, latencyUs: 312 },
  findings: [],
};

/** One record of every kind, and of those with several forms one of each. */
export const everyKind: readonly AuditRecord[] = [
  recordOf("log", { version: 1, log: "L0G", site: "demo", gateway: "gw1" }, 0),
  transactionRecord(refusedWrite, 1),
  recordOf(
    "rollup",
    {
      of: "reads",
      from: "2026-11-21T09:13:00.000000Z",
      to: "2026-11-21T09:14:00.000000Z",
      subject: { id: "hmi-1", role: "Viewer" },
      location: { ...location, source: "10.0.0.5" },
      method: { transport: "tcp" },
      operation: { function: 3, name: "read-holding-registers" },
      accesses: [{ device: "drive", unit: 3, table: "holding", address: 0, quantity: 2, write: false }],
      decision: { permit: true, rules: ["everyone-reads"], policy: "a1b2" },
      count: 3,
      latencyUs: { min: 1, max: 3, sum: 6 },
      values: { min: [1, 2], max: [3, 4], last: [1, 4] },
      digest: "00",
    },
    2,
  ),
  recordOf(
    "rollup",
    { of: "refusals", from: TIME, to: TIME, location: { ...location, source: null }, because: "max", count: 30 },
    3,
  ),
  recordOf(
    "state",
    {
      location,
      device: "drive",
      unit: 3,
      table: "holding",
      address: 16_129,
      values: [499],
      points: ["frequency"],
      before: [null],
    },
    4,
  ),
  recordOf(
    "finding",
    {
      location: { ...location, source: "[::1]:4000" },
      device: "drive",
      finding: { rule: "device-drift", severity: "high", evidence: "other vendor" },
    },
    5,
  ),
  recordOf(
    "finding",
    {
      location: { ...location, source: "/dev/ttyUSB0" },
      subject: { id: null, role: null, cert: "aa" },
      finding: { rule: "late", severity: "info", evidence: "" },
    },
    6,
  ),
  recordOf(
    "enrolment",
    { edge: 1, event: "refused", key: "5M3Y0RKT", reason: "expired", correlation: "c1", source: "10.0.0.7" },
    7,
  ),
  recordOf("enrolment", { edge: 2, event: "key-created", key: "5M3Y0RKT" }, 8),
  recordOf("enrolment", { edge: 3, event: "issuer-trusted", detail: { issuer: "i1" } }, 9),
  recordOf("enrolment", { edge: 4, event: "confirmed", id: "hmi-2", role: "Operator", fingerprint: "3f" }, 10),
  recordOf("identity", { edge: 5, event: "suspended", id: "hmi-2", by: "ada", reason: "drift" }, 11),
  recordOf("identity", { edge: 6, event: "tagged", id: "hmi-2" }, 12),
  recordOf("policy", { event: "applied", version: 4, hash: "a1b2", mode: "enforce", by: "command" }, 13),
  recordOf("policy", { event: "damaged", version: 4 }, 14),
  recordOf(
    "approval",
    {
      event: "approved",
      approval: "WS1E804R",
      by: { id: "ada", role: "Engineer" },
      subject: { id: "hmi-2", role: "Operator" },
      what: "drive control_word := 1279",
      device: "drive",
    },
    15,
  ),
  recordOf("approval", { event: "void", reason: "start" }, 16),
  recordOf("system", { event: "start", epoch: 3, clean: true }, 17),
  recordOf("system", { event: "looked", action: "export", by: { operator: true }, query: { format: "csv" } }, 18),
  recordOf("system", { event: "looked", action: "search", by: { console: true }, records: 3 }, 19),
  recordOf("system", { event: "recovery", cutBytes: 17 }, 20),
];

const bare = recordKinds.filter((kind) => kind !== "transaction");

/** Records that say next to nothing, as another version might write them. */
export const bareRecords: readonly AuditRecord[] = [
  ...bare.map((kind) => recordOf(kind, {})),
  ...bare.map((kind) =>
    recordOf(kind, { event: "unheard-of", accesses: [{}], finding: {}, subject: {}, location: {} }),
  ),
  recordOf("rollup", { of: "reads" }),
  { seq: 1841, t: TIME, kind: "transaction" },
  {
    seq: 1841,
    t: TIME,
    kind: "transaction",
    operation: { function: 22 },
    accesses: [{ unit: 3 }, 5, null],
    decision: 7,
  },
];
