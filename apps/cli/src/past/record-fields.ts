import type { Access, Because, Table, Transport } from "@modwarden/access";
import type { AuditRecord } from "@modwarden/audit";

/** A JSON value of a record, which anybody may have written. */
export type Field = AuditRecord[string];
export type Fields = Readonly<Record<string, Field>>;

export function fieldsOf(value: Field): Fields | undefined {
  return typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Fields) : undefined;
}

export function listOf(value: Field): readonly Field[] | undefined {
  return Array.isArray(value) ? value : undefined;
}

export function textOf(value: Field): string | undefined {
  return typeof value === "string" ? value : undefined;
}

export function wholeOf(value: Field): number | undefined {
  return typeof value === "number" && Number.isInteger(value) ? value : undefined;
}

export function wholesOf(value: Field): readonly number[] | undefined {
  const list = listOf(value);
  return list?.every((item) => wholeOf(item) !== undefined) ? (list as readonly number[]) : undefined;
}

/** Milliseconds since 1970. */
export function timeOf(value: Field): number | undefined {
  const ms = typeof value === "string" ? Date.parse(value) : Number.NaN;
  return Number.isNaN(ms) ? undefined : ms;
}

const tables: readonly (Field | Table)[] = ["coil", "discrete", "holding", "input"];
const transports: readonly (Field | Transport)[] = ["tcp", "tls", "udp", "rtu", "ascii", "memory"];

export function transportOf(value: Field): Transport | undefined {
  return transports.includes(value) ? (value as Transport) : undefined;
}

/** Reasons of other versions pass as they are: they are shown, and compared with. */
export function becauseOf(value: Field): Because | undefined {
  return textOf(value) as Because | undefined;
}

/** Undefined for what no version of the log has written. */
export function accessOf(value: Field): Access | undefined {
  const { device, unit, table, file, address, quantity, write, points, values, mask } = fieldsOf(value) ?? {};
  const at = { unit: wholeOf(unit), address: wholeOf(address), quantity: wholeOf(quantity) };
  if (at.unit === undefined || at.address === undefined || at.quantity === undefined) return undefined;
  if (typeof write !== "boolean" || (table !== null && !tables.includes(table))) return undefined;
  const bits = fieldsOf(mask);
  const and = wholeOf(bits?.["and"]);
  const or = wholeOf(bits?.["or"]);
  const names = listOf(points)?.flatMap((name) => textOf(name) ?? []);
  const written = wholesOf(values);
  const inFile = wholeOf(file);
  return {
    device: textOf(device) ?? null,
    unit: at.unit,
    table: table as Table | null,
    ...(inFile === undefined ? {} : { file: inFile }),
    ...{ address: at.address, quantity: at.quantity, write },
    ...(names === undefined ? {} : { points: names }),
    ...(written === undefined ? {} : { values: written }),
    ...(and === undefined || or === undefined ? {} : { mask: { and, or } }),
  };
}
