import { escapeText } from "./escape.ts";
import { type Cell, columns } from "./rows.ts";

/**
 * What a spreadsheet takes for a formula (OWASP, "CSV Injection"), also in full width. A text that begins with one, or
 * with the mark itself, gets the mark before it: a spreadsheet then shows the text, and one mark less is the text.
 */
const FORMULA = /^[=+\-@'＝＋－＠]/;

function cellText(cell: Cell): string {
  if (cell === null) return "";
  if (typeof cell !== "string") return String(cell);
  // A tab or line end at the beginning is one for a spreadsheet too; here it is escaped like every control character.
  const escaped = escapeText(cell);
  const guarded = FORMULA.test(escaped) ? `'${escaped}` : escaped;
  return /[",]|^ | $|^$/.test(guarded) ? `"${guarded.replaceAll('"', '""')}"` : guarded;
}

/** The first line of a CSV file (RFC 4180), with its CR LF. */
export function csvHeader(): string {
  return `${columns.map(({ name }) => name).join(",")}\r\n`;
}

/** One row as a line of CSV with its CR LF. No cell holds a line end: a line is a row for every program. */
export function csvLine(row: readonly Cell[]): string {
  return `${row.map(cellText).join(",")}\r\n`;
}
