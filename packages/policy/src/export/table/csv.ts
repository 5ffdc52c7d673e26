import type { ExportHeader } from "./header.ts";
import type { AccessRow } from "./rows.ts";

const columns = [
  ...(["role", "device", "unit", "effect", "operation", "object", "table", "addresses", "functions"] as const),
  ...(["limits", "conditions", "exceptions", "rule", "mode"] as const),
];

/** One row for each role, device and point or range, RFC 4180; what it was made from stands in every row. */
export function accessCsv(rows: readonly AccessRow[], header: ExportHeader): string {
  const { site, policy, mode, time } = header;
  const names = [...columns, "policy mode", "policy", "site", "time"];
  const lines = rows.map((row) => [...columns.map((column) => row[column] ?? ""), mode, policy, site ?? "", time]);
  return [names, ...lines].map((cells) => `${cells.map((cell) => csvCell(String(cell))).join(",")}\r\n`).join("");
}

/**
 * A cell that no spreadsheet takes for a formula: one that begins as formulas do is preceded by an apostrophe (OWASP,
 * CSV Injection). Names of rules and roles come from a file that somebody else may have written.
 */
export function csvCell(text: string): string {
  const safe =
    /^[\s\p{Cc}]*[=+\-@\uFF1D\uFF0B\uFF0D\uFF20|%]/u.test(text) || /^[\t\r\n]/.test(text) ? `'${text}` : text;
  return /[",\r\n']/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}
