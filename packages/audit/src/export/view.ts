import type { AuditRecord } from "../record/record.ts";
import { type Endpoint, endpointOf } from "./endpoint.ts";
import { type Fields, fieldsOf, listOf, numberOf, numbersOf, textOf, textsOf, truthOf } from "./read-fields.ts";

/** One object that a request touched, or whose value was seen. */
export interface AccessView {
  readonly device?: string | undefined;
  readonly unit?: number | undefined;
  readonly table?: string | undefined;
  readonly file?: number | undefined;
  readonly address?: number | undefined;
  readonly quantity?: number | undefined;
  readonly write?: boolean | undefined;
  readonly points: readonly string[];
  readonly values?: readonly (number | null)[] | undefined;
  readonly and?: number | undefined;
  readonly or?: number | undefined;
}

export interface FindingView {
  readonly rule: string;
  readonly severity: string;
  readonly evidence: string;
}

/** A record as the formats ask for it. What is not in the record is undefined; nothing is made up. */
export interface RecordView {
  readonly record: AuditRecord;
  /** What happened, of the kinds that name it; `reads` or `refusals` of a roll-up. */
  readonly event?: string | undefined;
  readonly subject: {
    readonly id?: string | undefined;
    readonly role?: string | undefined;
    readonly cert?: string | undefined;
  };
  /** Who did it, where it is a person's deed: an id, `operator` or `console`. */
  readonly by?: string | undefined;
  readonly site?: string | undefined;
  readonly gateway?: string | undefined;
  readonly zone?: string | undefined;
  /** As the record has it, and as address and port where it is one. */
  readonly source?: string | undefined;
  readonly from?: Endpoint | undefined;
  readonly transport?: string | undefined;
  readonly transaction?: number | undefined;
  readonly function?: number | undefined;
  readonly subfunction?: number | undefined;
  readonly operation?: string | undefined;
  readonly accesses: readonly AccessView[];
  readonly permit?: boolean | undefined;
  readonly rules: readonly string[];
  readonly because?: string | undefined;
  readonly failed?: string | undefined;
  readonly policy?: string | undefined;
  /** Where a policy in shadow mode would have refused. */
  readonly wouldRefuse: boolean;
  readonly result?: string | undefined;
  readonly exception?: number | undefined;
  readonly exceptionFrom?: string | undefined;
  readonly reason?: string | undefined;
  /** What a read returned. */
  readonly returned?: readonly (number | null)[] | undefined;
  readonly before?: readonly (number | null)[] | undefined;
  readonly latencyUs?: number | undefined;
  readonly count?: number | undefined;
  readonly begin?: string | undefined;
  readonly end?: string | undefined;
  readonly findings: readonly FindingView[];
}

export function viewOf(record: AuditRecord): RecordView {
  const subject = fieldsOf(record["subject"]);
  const location = fieldsOf(record["location"]);
  const method = fieldsOf(record["method"]);
  const operation = fieldsOf(record["operation"]);
  const decision = fieldsOf(record["decision"]);
  const outcome = fieldsOf(record["outcome"]);
  const source = textOf(location["source"]) ?? textOf(record["source"]);
  return {
    record,
    event: textOf(record["event"]) ?? textOf(record["of"]),
    subject: {
      id: textOf(subject["id"]) ?? textOf(record["id"]),
      role: textOf(subject["role"]) ?? textOf(record["role"]),
      cert: textOf(subject["cert"]) ?? textOf(record["fingerprint"]),
    },
    by: personOf(record),
    site: textOf(location["site"]) ?? textOf(record["site"]),
    gateway: textOf(location["gateway"]) ?? textOf(record["gateway"]),
    zone: textOf(location["zone"]),
    source,
    from: endpointOf(source),
    transport: textOf(method["transport"]),
    transaction: numberOf(method["transaction"]),
    function: numberOf(operation["function"]),
    subfunction: numberOf(operation["subfunction"]),
    operation: textOf(operation["name"]),
    accesses: accessesOf(record),
    permit: truthOf(decision["permit"]) ?? (record["of"] === "refusals" ? false : undefined),
    rules: textsOf(decision["rules"]),
    because: textOf(decision["because"]) ?? textOf(record["because"]),
    failed: textOf(decision["failed"]),
    policy: textOf(decision["policy"]) ?? textOf(record["hash"]) ?? textOf(record["policy"]),
    wouldRefuse: fieldsOf(decision["shadow"])["permit"] === false,
    result: textOf(outcome["result"]),
    exception: numberOf(outcome["exception"]),
    exceptionFrom: textOf(outcome["from"]),
    reason: textOf(outcome["reason"]) ?? textOf(record["reason"]),
    returned: numbersOf(outcome["values"]),
    before: numbersOf(outcome["before"]) ?? numbersOf(record["before"]),
    latencyUs: numberOf(outcome["latencyUs"]),
    count: numberOf(record["count"]),
    begin: textOf(record["from"]),
    end: textOf(record["to"]),
    findings: findingsOf(record),
  };
}

/** The write among them, which is what people ask for first; else the first. */
export function mainAccess({ accesses }: RecordView): AccessView | undefined {
  return accesses.find(({ write }) => write === true) ?? accesses[0];
}

function personOf(record: AuditRecord): string | undefined {
  const { by } = record;
  const person = fieldsOf(by);
  if (person["operator"] === true) return "operator";
  if (person["console"] === true) return "console";
  return textOf(by) ?? textOf(person["id"]);
}

function accessesOf(record: AuditRecord): readonly AccessView[] {
  const accesses = listOf(record["accesses"]).map(fieldsOf);
  if (accesses.length > 0) return accesses.map(accessOf);
  // A state record is about one object and holds it itself.
  if (record.kind === "state") return [accessOf({ ...record, quantity: listOf(record["values"]).length })];
  const device = textOf(record["device"]);
  return device === undefined ? [] : [{ device, points: [] }];
}

function accessOf(access: Fields): AccessView {
  const mask = fieldsOf(access["mask"]);
  return {
    device: textOf(access["device"]),
    unit: numberOf(access["unit"]),
    table: textOf(access["table"]),
    file: numberOf(access["file"]),
    address: numberOf(access["address"]),
    quantity: numberOf(access["quantity"]),
    write: truthOf(access["write"]),
    points: textsOf(access["points"]),
    values: numbersOf(access["values"]),
    and: numberOf(mask["and"]),
    or: numberOf(mask["or"]),
  };
}

function findingsOf(record: AuditRecord): readonly FindingView[] {
  const single = record["finding"];
  const all = single === undefined ? listOf(record["findings"]) : [single];
  return all.map(fieldsOf).map((finding) => ({
    rule: textOf(finding["rule"]) ?? "",
    severity: textOf(finding["severity"]) ?? "",
    evidence: textOf(finding["evidence"]) ?? "",
  }));
}
