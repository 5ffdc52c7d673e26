import type { Context } from "../frame/context.ts";

type Fields = Readonly<Record<string, unknown>>;

/** A record for people: time, who, what, and what came of it. A line that is no record is shown as it is. */
export function recordLine(context: Context, line: string): string {
  const record = parse(line);
  if (record === undefined) return line;
  const head = `${text(record["seq"])} ${text(record["t"])} ${text(record["kind"])}`;
  if (record["kind"] === "transaction") return `${head} ${transaction(context, record)}`;
  if (record["kind"] === "state") return `${head} ${changed(record)}`;
  return `${head} ${record["kind"] === "approval" ? approval(record) : rest(record)}`;
}

function transaction(context: Context, record: Fields): string {
  const subject = fields(record["subject"]);
  const decision = fields(record["decision"]);
  const outcome = fields(record["outcome"]);
  const accesses = Array.isArray(record["accesses"])
    ? record["accesses"].map((access) => accessText(fields(access)))
    : [];
  const who = personText(subject);
  const what = [text(fields(record["operation"])["name"]), ...accesses].join(" ");
  const verdict =
    decision["permit"] === true
      ? context.paint("green", "permitted")
      : context.paint("red", `refused: ${text(decision["failed"] ?? decision["because"])}`);
  const exception = outcome["exception"];
  return [
    `${who} ${what}: ${verdict}`,
    ...(typeof exception === "number" ? [`exception ${exception}`] : []),
    ...(typeof outcome["result"] === "string" ? [came[outcome["result"]] ?? outcome["result"]] : []),
  ].join(", ");
}

/** What came of it, where that is not plainly the device's answer: who reads "permitted" alone takes it as done. */
const came: Readonly<Record<string, string>> = {
  pending: "about to be sent",
  unknown: "what the device did is not known",
  closed: "the client had gone",
};

/** "drive holding 16129 frequency: 497 -> 499" */
function changed(record: Fields): string {
  const { values, before, skipped, ...place } = record;
  const known = Array.isArray(before) ? before.map((value) => text(value ?? "?")).join(" ") : "?";
  const seen = Array.isArray(values) ? values.join(" ") : "?";
  const left = skipped === undefined ? "" : `, after ${text(skipped)} more that found no place`;
  return `${accessText(place)}: ${known} -> ${seen}${left}`;
}

/** "WS1E804R approved by ada (Engineer), 1 of 2 for reset: hmi-2 (Operator), drive control_word := 1279" */
function approval(record: Fields): string {
  const by = fields(record["by"]);
  const who = by["operator"] === true ? "the operator at the site" : personText(by);
  const subject = fields(record["subject"]);
  const rules = Array.isArray(record["rules"]) ? record["rules"].map(fields) : [];
  const counts = rules.map((rule) => `, ${text(rule["approvals"])} of ${text(rule["people"])} for ${text(rule["id"])}`);
  const done = [
    ...(record["approval"] === undefined ? [] : [text(record["approval"])]),
    text(record["event"]),
    ...(record["attempt"] === undefined ? [] : [`${text(record["attempt"])}: ${text(record["error"])}`]),
    ...(record["by"] === undefined ? [] : [`by ${who}`]),
  ];
  const about = [
    ...(record["subject"] === undefined ? [] : [personText(subject)]),
    ...(record["what"] === undefined ? [] : [text(record["what"])]),
    ...(record["reason"] === undefined ? [] : [text(record["reason"])]),
  ];
  return `${done.join(" ")}${counts.join("")}${about.length === 0 ? "" : `: ${about.join(", ")}`}`;
}

function personText(person: Fields): string {
  return `${text(person["id"] ?? "nobody")} (${text(person["role"] ?? "no role")})`;
}

function accessText(access: Fields): string {
  const points = Array.isArray(access["points"]) ? access["points"].map((point) => ` ${text(point)}`).join("") : "";
  const values = Array.isArray(access["values"]) ? ` := ${access["values"].join(" ")}` : "";
  return `${text(access["device"] ?? `unit ${text(access["unit"])}`)} ${text(access["table"])} ${text(access["address"])}${points}${values}`;
}

/** The other kinds differ too much for one form: their plain fields as they are, and of nested ones what people ask. */
function rest(record: Fields): string {
  const { seq: _seq, t: _t, kind: _kind, digest: _digest, ...others } = record;
  return Object.entries(others)
    .map(([name, value]) => `${name}=${brief(name, value)}`)
    .join(" ");
}

const briefly: Readonly<Record<string, (value: Fields) => unknown>> = {
  subject: ({ id, role }) => `${text(id ?? "nobody")}(${text(role ?? "no role")})`,
  location: ({ source }) => source,
  method: ({ transport }) => transport,
  operation: ({ name }) => name,
  decision: ({ permit, because }) => (permit === true ? "permitted" : (because ?? "refused")),
  finding: ({ rule, severity, evidence }) => `${text(rule)}(${text(severity)}) ${text(evidence)}`,
};

function brief(name: string, value: unknown): string {
  if (name === "accesses" && Array.isArray(value)) return value.map((access) => accessText(fields(access))).join(", ");
  const shorten = Object.hasOwn(briefly, name) && isFields(value) ? briefly[name] : undefined;
  return text(shorten === undefined || !isFields(value) ? value : shorten(value));
}

function parse(line: string): Fields | undefined {
  try {
    const value: unknown = JSON.parse(line);
    return isFields(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

function fields(value: unknown): Fields {
  return isFields(value) ? value : {};
}

function isFields(value: unknown): value is Fields {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function text(value: unknown): string {
  return typeof value === "string" ? value : JSON.stringify(value ?? null);
}
