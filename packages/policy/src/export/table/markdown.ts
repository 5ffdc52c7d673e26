import type { PolicyFile } from "../../language/text.ts";
import type { PolicyDevice } from "../../rules/device.ts";
import type { ExportHeader } from "./header.ts";
import { type AccessRow, accessRows, idleRules } from "./rows.ts";

/** A page for each role, a table for each device: what may be read, what may be written and how, what is forbidden. */
export function accessMarkdown(file: PolicyFile, devices: readonly PolicyDevice[], header: ExportHeader): string {
  const rows = accessRows(file, devices);
  const lines = [
    "# Who may do what",
    "",
    ...headerLines(header),
    "",
    "What is not listed is refused. A request is permitted only if all of it is; values are never changed. Who has no role, or is not in the registry, is refused everything.",
    ...(header.mode === "shadow"
      ? ["", "**This policy is in shadow mode: what it refuses is forwarded all the same.**"]
      : []),
    ...file.roles.flatMap((role) => roleLines(role, rows, devices)),
    ...idleLines(idleRules(file, devices)),
  ];
  return `${lines.join("\n")}\n`;
}

function headerLines({ site, policy, mode, time }: ExportHeader): readonly string[] {
  return [
    "| | |",
    "|---|---|",
    `| policy | \`${policy}\` (first 16 hex digits of its SHA-256, as in every record) |`,
    `| mode | ${mode} |`,
    `| site | ${site === undefined ? "none given" : cell(site)} |`,
    `| made | ${cell(time)} |`,
  ];
}

function roleLines(role: string, rows: readonly AccessRow[], devices: readonly PolicyDevice[]): readonly string[] {
  const own = rows.filter((row) => row.role === role);
  const names = [...new Set(devices.length === 0 ? own.map((row) => row.device) : devices.map(({ id }) => id))];
  return ["", `## ${cell(role)}`, ...names.flatMap((name) => deviceLines(name, own, devices))];
}

function deviceLines(name: string, rows: readonly AccessRow[], devices: readonly PolicyDevice[]): readonly string[] {
  const device = devices.find(({ id }) => id === name);
  const own = rows.filter((row) => row.device === name);
  const what = [device && `unit ${device.unit}`, device?.profile?.name].filter((part) => part !== undefined);
  const title = what.length === 0 ? cell(name) : `${cell(name)} (${what.map(cell).join(", ")})`;
  if (own.every(({ effect }) => effect === "forbid")) return ["", `### ${title}`, "", "Nothing."];
  return [
    "",
    `### ${title}`,
    "",
    "| | what | where | functions | limits | conditions | rule |",
    "|---|---|---|---|---|---|---|",
    ...own.map(rowLine),
  ];
}

function rowLine(row: AccessRow): string {
  const { effect, operation, object, table, addresses, functions, limits, conditions, exceptions, rule, mode } = row;
  const verb = effect === "forbid" ? `never ${operation}` : operation;
  const except = exceptions === "" ? "" : `except what ${exceptions} forbids`;
  const held = [conditions, except, mode === "shadow" ? "no effect: in shadow mode" : ""].filter((part) => part !== "");
  const cells = [verb, object, `${table} ${addresses}`.trim(), functions, limits, held.join("; "), rule];
  return `| ${cells.map(cell).join(" | ")} |`;
}

function idleLines(rules: readonly string[]): readonly string[] {
  if (rules.length === 0) return [];
  return ["", `Rules that are about no device of this site: ${rules.map(cell).join(", ")}.`];
}

/** Text in a table: nothing in it is markup, and it stays on one line. */
function cell(text: string): string {
  return text.replace(/[\\`*_[\]<>|#]/g, "\\$&").replace(/[\p{Cc}\p{Zl}\p{Zp}]+/gu, " ");
}
