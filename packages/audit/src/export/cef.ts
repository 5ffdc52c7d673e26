import { compactJson } from "../record/json.ts";
import type { AuditRecord } from "../record/record.ts";
import type { ExportContext } from "./context.ts";
import { escapeText, escapeUnsafe } from "./escape.ts";
import { sentenceOf } from "./sentence.ts";
import { type Severity, severityOf } from "./severity.ts";
import { mainAccess, type RecordView, viewOf } from "./view.ts";

/** CEF counts from 0 to 10. */
const severities: Readonly<Record<Severity, number>> = { info: 2, low: 4, medium: 6, high: 9 };

/** A field of the header: `|` and `\` are escaped, and it holds no line end (CEF 0, "Character Encoding"). */
function header(text: string): string {
  return escapeText(text).replaceAll("|", "\\|");
}

/** A value of the extension: `\`, `=` and line ends are escaped. `\u001b` stands for any other control character. */
function value(text: string): string {
  const escaped = text.replaceAll("\\", "\\\\").replaceAll("=", "\\=").replaceAll("\n", "\\n").replaceAll("\r", "\\r");
  return escapeUnsafe(escaped);
}

/** A record as one line of ArcSight's Common Event Format, version 0, without line end. */
export function cefLine(record: AuditRecord, context: ExportContext): string {
  const view = viewOf(record);
  const head = ["modwarden", "modwarden", context.version, signatureOf(view), nameOf(view)].map(header).join("|");
  const extension = extensionOf(view, context)
    .filter(([, text]) => text !== undefined && text !== "")
    .map(([key, text]) => `${key}=${value(String(text))}`)
    .join(" ");
  return `CEF:0|${head}|${severities[severityOf(view)]}|${extension}`;
}

/** What kind of event it is, the same for all of a kind: `transaction:permitted`, `transaction:max`, `policy:applied`. */
function signatureOf({ record, permit, because, event, findings }: RecordView): string {
  if (record.kind === "transaction") return `transaction:${permit === true ? "permitted" : (because ?? "refused")}`;
  if (record.kind === "finding") return `finding:${findings[0]?.rule ?? ""}`;
  return event === undefined ? record.kind : `${record.kind}:${event}`;
}

function nameOf(view: RecordView): string {
  const { record, permit, operation, event, findings } = view;
  if (record.kind === "transaction") return `${operation ?? "request"} ${permit === true ? "permitted" : "refused"}`;
  if (record.kind === "finding") return findings[0]?.rule ?? "finding";
  return `${record.kind} ${event ?? ""}`.trim();
}

type Pair = readonly [string, string | number | undefined];

function extensionOf(view: RecordView, context: ExportContext): readonly Pair[] {
  const { record, subject, from, permit } = view;
  const access = mainAccess(view);
  return [
    ["rt", Date.parse(record.t)],
    ["externalId", record.seq],
    ["deviceExternalId", context.log],
    ["dvchost", view.gateway],
    ["deviceFacility", view.zone],
    ["cat", record.kind],
    ["act", permit === undefined ? view.event : permit ? "permitted" : "refused"],
    ["outcome", outcomeOf(view)],
    ["reason", view.failed ?? view.because ?? view.reason],
    [from?.address.includes(":") ? "c6a2" : "src", from?.address],
    ...labelled("c6a2", from?.address.includes(":") ? "Source IPv6 Address" : undefined),
    ["spt", from?.port],
    ["suser", view.by ?? subject.id],
    ["spriv", subject.role],
    ["duser", view.by === undefined ? undefined : subject.id],
    ["dhost", access?.device],
    ["app", record.kind === "transaction" || record.kind === "rollup" ? "modbus" : undefined],
    ["proto", protocolOf(view.transport)],
    ["cnt", view.count],
    ["start", view.begin === undefined ? undefined : Date.parse(view.begin)],
    ["end", view.end === undefined ? undefined : Date.parse(view.end)],
    ...custom("cn1", "unit", access?.unit),
    ...custom("cn2", "address", access?.address),
    ...custom("cn3", "quantity", access?.quantity),
    ...custom("flexNumber1", "function", view.function),
    ...custom("flexNumber2", "exception", view.exception),
    ...custom("flexString1", "table", access?.table),
    ...custom("flexString2", "transport", view.transport),
    ...custom("cs1", "points", list(access?.points ?? [])),
    ...custom("cs2", "values", (access?.values ?? view.returned)?.join(" ")),
    ...custom("cs3", "rules", list(view.rules)),
    ...custom("cs4", "policy", view.policy),
    ...custom("cs5", "findings", list(view.findings.map(({ rule, evidence }) => `${rule}: ${evidence}`))),
    ...custom("cs6", "record", isWhole(view) ? undefined : compactJson(rest(record))),
    ["msg", sentenceOf(view)],
  ];
}

/** Whether the keys above say all of it; what they cannot say stands in `cs6` as the record has it. */
function isWhole({ record, accesses }: RecordView): boolean {
  return record.kind === "finding" || (record.kind === "transaction" && accesses.length <= 1);
}

function rest({ seq: _seq, t: _t, kind: _kind, ...fields }: AuditRecord): Omit<AuditRecord, "seq" | "t" | "kind"> {
  return fields;
}

/** A list of names, each of which may hold anything. */
function list(names: readonly string[]): string | undefined {
  return names.length === 0 ? undefined : compactJson(names);
}

function custom(key: string, label: string, text: string | number | undefined): readonly Pair[] {
  return text === undefined || text === "" ? [] : [[key, text], ...labelled(key, label)];
}

function labelled(key: string, label: string | undefined): readonly Pair[] {
  return label === undefined ? [] : [[`${key}Label`, label]];
}

/** Of what runs over IP; a serial line has none. */
function protocolOf(transport: string | undefined): string | undefined {
  if (transport === "tls" || transport === "tcp") return "TCP";
  return transport === "udp" ? "UDP" : undefined;
}

function outcomeOf({ permit, result, exception }: RecordView): string | undefined {
  if (permit === undefined) return undefined;
  if (result === "unknown") return "unknown";
  return permit && exception === undefined && result === undefined ? "success" : "failure";
}
