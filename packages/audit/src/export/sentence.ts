import { mainAccess, type RecordView } from "./view.ts";

/** What a record says, in one line for people. It may hold any text of the wire: each format escapes it. */
export function sentenceOf(view: RecordView): string {
  const { kind } = view.record;
  if (kind === "transaction") return `${who(view)} ${what(view)}: ${verdict(view)}`;
  if (kind === "rollup") return rollup(view);
  if (kind === "state") return `${object(view)} is ${values(mainAccess(view)?.values)}`;
  if (kind === "finding") return view.findings.map(({ rule, evidence }) => `${rule}: ${evidence}`).join("; ");
  const about = [view.subject.id, view.reason].filter((part) => part !== undefined).join(", ");
  const by = view.by === undefined ? "" : ` by ${view.by}`;
  return `${kind} ${view.event ?? "begins"}${about === "" ? "" : `: ${about}`}${by}`;
}

function rollup(view: RecordView): string {
  const { event, count, because } = view;
  if (event === "reads") return `${who(view)} ${what(view)}: ${verdict(view)}, ${count ?? "some"} times in a minute`;
  return `${count ?? "some"} more refused: ${because ?? "unknown"}, from ${view.source ?? "several sources"}`;
}

function who({ subject }: RecordView): string {
  return `${subject.id ?? "nobody"} (${subject.role ?? "no role"})`;
}

function what(view: RecordView): string {
  const access = mainAccess(view);
  const written = access?.write === true && access.values !== undefined ? ` := ${values(access.values)}` : "";
  return [view.operation ?? "unknown", object(view)].filter((part) => part !== "").join(" ") + written;
}

function object(view: RecordView): string {
  const access = mainAccess(view);
  if (access === undefined) return "";
  const device = access.device ?? (access.unit === undefined ? "" : `unit ${access.unit}`);
  const place = access.points.length > 0 ? access.points.join(" ") : `${access.table ?? ""} ${access.address ?? ""}`;
  return `${device} ${place}`.trim();
}

function values(list: readonly (number | null)[] | undefined): string {
  return (list ?? []).map((value) => value ?? "?").join(" ");
}

function verdict({ permit, failed, because, exception, result }: RecordView): string {
  const decision = permit === true ? "permitted" : `refused: ${failed ?? because ?? "unknown"}`;
  const end = result === "unknown" ? ", outcome unknown" : "";
  return `${decision}${exception === undefined ? "" : `, exception ${exception}`}${end}`;
}
