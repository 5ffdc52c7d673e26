import { compactJson, type JsonValue } from "../record/json.ts";
import type { AuditRecord } from "../record/record.ts";
import type { AccessView, RecordView } from "./view.ts";
import { viewOf } from "./view.ts";

export type Cell = string | number | boolean | null;

export interface Column {
  readonly name: string;
  readonly type: "text" | "integer" | "number" | "boolean";
}

interface RowColumn extends Column {
  readonly of: (view: RecordView, access: AccessView | undefined, index: number) => Cell | undefined;
}

const text = (name: string, of: RowColumn["of"]): RowColumn => ({ name, type: "text", of });
const integer = (name: string, of: RowColumn["of"]): RowColumn => ({ name, type: "integer", of });
const boolean = (name: string, of: RowColumn["of"]): RowColumn => ({ name, type: "boolean", of });

const joined = (list: readonly unknown[] | undefined): string | undefined =>
  list === undefined || list.length === 0 ? undefined : list.map((item) => item ?? "?").join(" ");

/** `["a b","c"]` of names, which may hold anything: a list in JSON stays the same list. */
const names = (list: readonly string[]): string | undefined => (list.length === 0 ? undefined : compactJson(list));

const rowColumns: readonly RowColumn[] = [
  integer("seq", ({ record }) => record.seq),
  text("time", ({ record }) => record.t),
  text("kind", ({ record }) => record.kind),
  text("event", ({ event }) => event),
  text("subject", ({ subject }) => subject.id),
  text("role", ({ subject }) => subject.role),
  text("cert", ({ subject }) => subject.cert),
  text("by", ({ by }) => by),
  text("site", ({ site }) => site),
  text("gateway", ({ gateway }) => gateway),
  text("zone", ({ zone }) => zone),
  text("source", ({ source }) => source),
  text("transport", ({ transport }) => transport),
  integer("transaction", ({ transaction }) => transaction),
  integer("function", (view) => view.function),
  integer("subfunction", ({ subfunction }) => subfunction),
  text("operation", ({ operation }) => operation),
  integer("access", (_, access, index) => (access === undefined ? undefined : index)),
  text("device", (_, access) => access?.device),
  integer("unit", (_, access) => access?.unit),
  text("table", (_, access) => access?.table),
  integer("file", (_, access) => access?.file),
  integer("address", (_, access) => access?.address),
  integer("quantity", (_, access) => access?.quantity),
  boolean("write", (_, access) => access?.write),
  text("points", (_, access) => names(access?.points ?? [])),
  text("values", (view, access) => joined(access?.values ?? (access?.write === true ? undefined : view.returned))),
  text("before", (view, access) => (access?.write === false ? undefined : joined(view.before))),
  integer("mask_and", (_, access) => access?.and),
  integer("mask_or", (_, access) => access?.or),
  boolean("permit", ({ permit }) => permit),
  text("rules", ({ rules }) => names(rules)),
  text("because", ({ because }) => because),
  text("failed", ({ failed }) => failed),
  text("policy", ({ policy }) => policy),
  text("result", ({ result }) => result),
  integer("exception", ({ exception }) => exception),
  text("exception_from", ({ exceptionFrom }) => exceptionFrom),
  text("reason", ({ reason }) => reason),
  { name: "latency_us", type: "number", of: ({ latencyUs }) => latencyUs },
  integer("count", ({ count }) => count),
  text("from", ({ begin }) => begin),
  text("to", ({ end }) => end),
  text("findings", ({ record, findings }) => (findings.length === 0 ? undefined : findingsText(record))),
  text("detail", ({ record }) => detailOf(record)),
];

/** The columns of a row, in order: those of CSV and Parquet. */
export const columns: readonly Column[] = rowColumns.map(({ name, type }) => ({ name, type }));

/** A record as rows of `columns`: one for each object that it touched, and one for a record that touched none. */
export function rowsOf(record: AuditRecord): readonly (readonly Cell[])[] {
  const view = viewOf(record);
  const accesses = view.accesses.length === 0 ? [undefined] : view.accesses;
  return accesses.map((access, index) => rowColumns.map(({ of }) => of(view, access, index) ?? null));
}

function findingsText(record: AuditRecord): string {
  return compactJson(record["finding"] === undefined ? (record["findings"] ?? []) : [record["finding"]]);
}

const inColumns: ReadonlySet<string> = new Set(
  "seq t kind event of subject location method operation accesses decision outcome finding findings device unit table address values points before count from to because by id role fingerprint reason hash site gateway source".split(
    " ",
  ),
);

/** What a record says beyond the columns, as JSON: of the kinds that are no requests. */
function detailOf(record: AuditRecord): string | undefined {
  if (record.kind === "transaction") return undefined;
  const rest: Record<string, JsonValue | undefined> = {};
  for (const [name, value] of Object.entries(record)) if (!inColumns.has(name)) rest[name] = value;
  return Object.keys(rest).length === 0 ? undefined : compactJson(rest);
}
