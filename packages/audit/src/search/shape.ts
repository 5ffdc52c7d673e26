import type { Table } from "@modwarden/access";
import type { JsonValue } from "../record/json.ts";

/** What came of an access, as far as it matters for what is known of the registers. */
export const how = {
  /** Read, refused or answered: the record does not say what stood there. */
  read: 0,
  /** Written, and the device said so. */
  written: 1,
  /** Sent to the device, which may have done it or not. */
  unknown: 2,
  /** The device refused it; it may have done a part. */
  refused: 3,
  /** A write that was never sent. */
  notSent: 4,
  /** Read, with the values. */
  values: 5,
  /** Read many times in a minute, with the last values. */
  rollup: 6,
  /** A change that was seen. */
  state: 7,
  /** What somebody asked approval for. */
  approval: 8,
  /** About to be sent: another record says what came of it, if anything did. */
  pending: 9,
} as const;

export type How = (typeof how)[keyof typeof how];

/**
 * One object that a record tells of, and how. Many records share one: it is stored once. `points` are the names that
 * the record has for it.
 */
export interface Shape {
  readonly device: string | null;
  readonly unit: number;
  readonly table: Table | null;
  readonly file: number | null;
  readonly address: number;
  readonly quantity: number;
  readonly how: How;
  readonly points: readonly string[];
}

export type Fields = { readonly [field: string]: JsonValue | undefined };

export function isFields(value: JsonValue | undefined): value is Fields {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

export function listOf(value: JsonValue | undefined): readonly JsonValue[] {
  return Array.isArray(value) ? (value as readonly JsonValue[]) : [];
}

export function textsOf(value: JsonValue | undefined): readonly string[] {
  const list = listOf(value);
  return list.every((item) => typeof item === "string") ? list : list.filter((item) => typeof item === "string");
}

const tables: ReadonlySet<unknown> = new Set(["coil", "discrete", "holding", "input"]);

export function shapeOf(access: Fields, device: JsonValue | undefined, came: How): Shape {
  const { unit, table, file, address, quantity, points } = access;
  return {
    device: typeof device === "string" ? device : null,
    unit: wholeOf(unit) ?? 0,
    table: tables.has(table) ? (table as Table) : null,
    file: wholeOf(file) ?? null,
    address: wholeOf(address) ?? 0,
    quantity: wholeOf(quantity) ?? 0,
    how: came,
    points: textsOf(points),
  };
}

/** The one text of a shape. */
export function shapeKey({ device, unit, table, file, address, quantity, how: came, points }: Shape): string {
  const names = points.length === 0 ? "" : JSON.stringify(points);
  return `${came} ${unit} ${table} ${file} ${address} ${quantity} ${device === null ? "" : JSON.stringify(device)}${names}`;
}

function wholeOf(value: JsonValue | undefined): number | undefined {
  return typeof value === "number" && Number.isSafeInteger(value) && value >= 0 ? value : undefined;
}
