/** Tables for a terminal that are Markdown as well. */
import type { Bar } from "./bar.ts";

/** With thousands separators; "-" for what was not measured. */
export function number(value: number | undefined, digits: number): string {
  if (value === undefined) return "-";
  return value.toLocaleString("en", { minimumFractionDigits: digits, maximumFractionDigits: digits });
}

/** Markdown, with its columns aligned for a terminal. */
export function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const widths = head.map((title, column) => Math.max(3, title.length, ...rows.map((row) => row[column]!.length)));
  // Numbers stand to the right: every column of digits.
  const right = head.map((_, column) => rows.every((row) => /^[\d.,-]*$/.test(row[column]!)));
  const line = (cells: readonly string[]): string =>
    `| ${cells.map((cell, column) => (right[column] ? cell.padStart(widths[column]!) : cell.padEnd(widths[column]!))).join(" | ")} |`;
  const rule = `|${widths.map((width, column) => `${"-".repeat(width + 1)}${right[column] ? ":" : "-"}`).join("|")}|`;
  return `${[line(head), rule, ...rows.map(line)].join("\n")}\n`;
}

export function barTable(bars: readonly Bar[]): string {
  const judged = bars.map(({ what, bound, limit, unit, measured, met }) => [
    what,
    `${bound} ${limit} ${unit}`,
    number(measured?.median, 2),
    measured === undefined ? "" : `${number(measured.least, 2)} to ${number(measured.most, 2)}`,
    met === undefined ? "not measured" : met ? "met" : "NOT MET",
  ]);
  return table(["bar", "asked for", "median", "spread", ""], judged);
}
