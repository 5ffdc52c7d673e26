import { compactJson, type JsonValue } from "../record/json.ts";
import type { ZeekRow } from "./zeek.ts";
import { type ZeekLogName, zeekLogs } from "./zeek-logs.ts";
import { zeekValue } from "./zeek-text.ts";

/** The head of a log in the ASCII form, with its line ends. `now`: when the log is opened. */
export function zeekHeader(log: ZeekLogName, now: Date): string {
  const fields = zeekLogs[log];
  return [
    "#separator \\x09",
    "#set_separator\t,",
    "#empty_field\t(empty)",
    "#unset_field\t-",
    `#path\t${log}`,
    `#open\t${stamp(now)}`,
    `#fields\t${fields.map(({ name }) => name).join("\t")}`,
    `#types\t${fields.map(({ type }) => type).join("\t")}`,
    "",
  ].join("\n");
}

/** The last line of a log in the ASCII form, with its line end. */
export function zeekFooter(now: Date): string {
  return `#close\t${stamp(now)}\n`;
}

function stamp(time: Date): string {
  return time.toISOString().slice(0, 19).replaceAll(/[T:]/g, "-");
}

/** A row in the ASCII form, without line end. */
export function zeekLine({ log, values }: ZeekRow): string {
  return zeekLogs[log].map(({ name, type }) => zeekValue(type, values[name])).join("\t");
}

/** A row as JSON, as Zeek's JSON streaming has it: `_path` is the log, and what is not set is left out. */
export function zeekJsonLine({ log, values }: ZeekRow): string {
  const line: Record<string, JsonValue | undefined> = { _path: log };
  for (const { name, type } of zeekLogs[log]) {
    const value = values[name];
    line[name] = type === "time" ? Number(value) / 1e6 : value;
  }
  return compactJson(line);
}
