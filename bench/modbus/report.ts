/** The measurements as tables for people. */
import type { Bar, Measured } from "./bars.ts";
import { summarise } from "./statistics.ts";

export function tables(measured: Measured, bars: readonly Bar[]): string {
  const servers = measured.servers.map(({ name, load, results, failure }) => {
    const known = results.filter((result) => result !== undefined);
    const of = (pick: (result: (typeof known)[number]) => number, digits: number): string =>
      number(summarise(known.map(pick))?.median, digits);
    return [
      name,
      load,
      of((result) => result.perSecond, 0),
      of((result) => result.cpuUs, 2),
      of((result) => result.p50Us, 0),
      of((result) => result.p99Us, 0),
      of((result) => result.loadCores, 2),
      failure ?? "",
    ];
  });
  const clients = measured.clients.map(({ name, load, results, allocated }) => {
    const known = results.filter((result) => result !== undefined);
    return [
      name,
      load,
      number(summarise(known.map((result) => result.perSecond))?.median, 0),
      number(summarise(known.map((result) => result.cpuUs))?.median, 2),
      number(allocated, 0),
    ];
  });
  const judged = bars.map(({ what, bound, limit, unit, measured: summary, met }) => [
    what,
    `${bound} ${limit} ${unit}`,
    number(summary?.median, 2),
    summary === undefined ? "" : `${number(summary.least, 2)} to ${number(summary.most, 2)}`,
    met === undefined ? "not measured" : met ? "met" : "NOT MET",
  ]);
  return [
    table(["server", "conn. x depth", "requests/s", "CPU us/req.", "p50 us", "p99 us", "load cores", ""], servers),
    table(["client", "open", "requests/s", "CPU us/req.", "bytes/req."], clients),
    table(["bar", "asked for", "median", "spread", ""], judged),
  ].join("\n");
}

function number(value: number | undefined, digits: number): string {
  if (value === undefined) return "-";
  return value.toLocaleString("en", { minimumFractionDigits: digits, maximumFractionDigits: digits });
}

/** Markdown, with its columns aligned for a terminal. */
function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const widths = head.map((title, column) => Math.max(3, title.length, ...rows.map((row) => row[column]!.length)));
  // Numbers stand to the right: every column of digits.
  const right = head.map((_, column) => rows.every((row) => /^[\d.,-]*$/.test(row[column]!)));
  const line = (cells: readonly string[]): string =>
    `| ${cells.map((cell, column) => (right[column] ? cell.padStart(widths[column]!) : cell.padEnd(widths[column]!))).join(" | ")} |`;
  const rule = `|${widths.map((width, column) => `${"-".repeat(width + 1)}${right[column] ? ":" : "-"}`).join("|")}|`;
  return `${[line(head), rule, ...rows.map(line)].join("\n")}\n`;
}
