import type { JsonValue } from "../record/json.ts";
import type { AuditRecord } from "../record/record.ts";
import { sourceHost } from "../rollup/source-host.ts";
import { type Fields, type How, how, isFields, listOf, type Shape, shapeOf, textsOf } from "./shape.ts";
import { microsecondsOf, type Span } from "./times.ts";

/** What records are looked for by. Their numbers stand in the index. */
export const dimension = {
  kind: 1,
  event: 2,
  subject: 3,
  role: 4,
  source: 5,
  device: 6,
  function: 7,
  decision: 8,
  because: 9,
  rule: 10,
  finding: 11,
  severity: 12,
} as const;

export type Dimension = keyof typeof dimension;

/** What a record says of one of them. Null: nobody registered, no role, no device. */
export type Said = string | number | null;

/** Where what a record says is put. The same may come more than once. */
export interface FactSink {
  term(of: Dimension, said: Said): void;
  shape(shape: Shape): void;
}

/** When what the record tells of happened: roll-ups count as their minute. Undefined without a time. */
export function spanOf(record: AuditRecord): Span | undefined {
  const at = microsecondsOf(record.t);
  if (record.kind !== "rollup") return at === undefined ? undefined : { from: at, to: at };
  const from = microsecondsOf(record["from"]) ?? at;
  const to = microsecondsOf(record["to"]) ?? at;
  return from === undefined || to === undefined ? undefined : { from: Math.min(from, to), to: Math.max(from, to) };
}

/** Everything that a record can be found by, whatever its kind. */
export function factsOf(record: AuditRecord, sink: FactSink): void {
  sink.term("kind", record.kind);
  said(sink, "event", record["event"]);
  for (const person of [record["subject"], record["by"]]) if (isFields(person)) personOf(sink, person);
  if (record.kind === "identity" || record.kind === "enrolment") {
    said(sink, "subject", record["id"]);
    said(sink, "subject", record["by"]);
    said(sink, "role", record["role"]);
  }
  const { location, operation, decision, finding, device } = record;
  sourceOf(sink, isFields(location) ? location["source"] : record["source"]);
  if (typeof device === "string") sink.term("device", device);
  if (isFields(operation)) said(sink, "function", operation["function"]);
  if (isFields(decision)) decisionOf(sink, decision);
  if (isFields(finding)) findingOf(sink, finding);
  for (const item of listOf(record["findings"])) if (isFields(item)) findingOf(sink, item);
  for (const rule of listOf(record["rules"])) if (isFields(rule)) said(sink, "rule", rule["id"]);
  if (record.kind === "rollup" && record["of"] === "refusals") refusalsOf(sink, record);
  accessesOf(sink, record);
}

function said(sink: FactSink, of: Dimension, value: JsonValue | undefined): void {
  if (typeof value === "string" || typeof value === "number") sink.term(of, value);
}

function personOf(sink: FactSink, { id, role }: Fields): void {
  if (typeof id === "string" || id === null) sink.term("subject", id);
  if (typeof role === "string" || role === null) sink.term("role", role);
}

function sourceOf(sink: FactSink, source: JsonValue | undefined): void {
  if (typeof source === "string") sink.term("source", sourceHost(source));
}

function decisionOf(sink: FactSink, { permit, because, rules }: Fields): void {
  if (typeof permit === "boolean") sink.term("decision", permit ? "permitted" : "refused");
  said(sink, "because", because);
  for (const rule of textsOf(rules)) sink.term("rule", rule);
}

function findingOf(sink: FactSink, { rule, severity }: Fields): void {
  said(sink, "finding", rule);
  said(sink, "severity", severity);
}

/** Counted refusals: who asked what stands in a list. */
function refusalsOf(sink: FactSink, record: AuditRecord): void {
  sink.term("decision", "refused");
  said(sink, "because", record["because"]);
  for (const who of listOf(record["who"])) {
    if (!isFields(who)) continue;
    personOf(sink, { id: who["subject"], role: who["role"] });
    said(sink, "function", who["function"]);
  }
}

function accessesOf(sink: FactSink, record: AuditRecord): void {
  if (record.kind === "state") {
    const quantity = listOf(record["values"]).length;
    sink.shape(shapeOf({ ...record, quantity }, record["device"], how.state));
    return;
  }
  for (const access of listOf(record["accesses"])) {
    if (!isFields(access)) continue;
    const shape = shapeOf(access, access["device"], cameOf(record, access));
    sink.term("device", shape.device);
    sink.shape(shape);
  }
}

/** What came of one access of a record. */
export function cameOf(record: AuditRecord, access: Fields): How {
  if (record.kind === "approval") return how.approval;
  if (record.kind === "rollup") return how.rollup;
  const outcome = isFields(record["outcome"]) ? record["outcome"] : {};
  if (access["write"] !== true) {
    return Array.isArray(outcome["values"]) && outcome["exception"] === undefined ? how.values : how.read;
  }
  const decision = isFields(record["decision"]) ? record["decision"] : {};
  if (outcome["result"] === "unknown") return how.unknown;
  if (outcome["result"] === "pending") return how.pending;
  if (decision["permit"] !== true || outcome["result"] !== undefined) return how.notSent;
  if (outcome["exception"] === undefined) return how.written;
  return outcome["from"] === "device" ? how.refused : how.notSent;
}
