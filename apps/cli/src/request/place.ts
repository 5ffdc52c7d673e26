import { isBitTable, type Point, type Profile, type Table } from "@modwarden/profile";
import { registerCount, type ValueType } from "@modwarden/protocol";
import { CliError } from "../frame/error.ts";
import { parseWhole } from "../frame/options.ts";

/** What a request is about. `point` is there when a person named one instead of an address. */
export interface Place {
  readonly table: Table;
  /** As on the wire, 0-based. */
  readonly address: number;
  /** Registers or bits. */
  readonly quantity: number;
  readonly point?: Point;
}

const tables: Readonly<Record<string, Table>> = {
  coil: "coil",
  coils: "coil",
  discrete: "discrete",
  discretes: "discrete",
  holding: "holding",
  input: "input",
  inputs: "input",
};

/** The first digit of the reference notation. MODBUS Application Protocol V1.1b3 § 4.3 counts from 1 in each table. */
const firstDigit: Readonly<Record<Table, number>> = { coil: 0, discrete: 1, input: 3, holding: 4 };

const LAST_ADDRESS = 0xffff;

/** Reads a table's name as a person writes it. */
export function tableOf(text: string): Table {
  return tables[text] ?? usage(`there is no table "${text}": one of coil, discrete, holding, input is wanted`);
}

/**
 * Reads `ADDRESS`, `FIRST-LAST` or a point's name. A single address stands for as many registers as a value of `type`
 * takes. Throws ERR_USAGE (exit 2).
 */
export function placeOf(table: Table, text: string, type?: ValueType, profile?: Profile): Place {
  const range = /^(\d+|0x[0-9a-f]+)(?:-(\d+|0x[0-9a-f]+))?$/i.exec(text);
  if (range === null) return placeOfPoint(table, text, profile);
  const first = address(range[1] ?? "");
  if (range[2] === undefined) return { table, address: first, quantity: valueWidth(table, type) };
  const last = address(range[2]);
  if (last < first) usage(`the range ${text} runs backwards: write ${last}-${first}`);
  return { table, address: first, quantity: last - first + 1 };
}

/** Registers of one value; text has no width of its own and needs a range. */
function valueWidth(table: Table, type: ValueType | undefined): number {
  if (type === undefined || table === "coil" || table === "discrete") return 1;
  return type === "string"
    ? usage("a string needs a range that says where it ends, such as 40-47")
    : registerCount(type);
}

function placeOfPoint(table: Table, name: string, profile: Profile | undefined): Place {
  if (profile === undefined) return usage(`"${name}" is no address; a point's name needs --profile`);
  const point =
    profile.point(name) ?? usage(`the profile ${profile.name} has no point "${name}"${suggestion(profile, name)}`);
  if (point.table !== table) usage(`the point ${name} is in the table ${point.table}, not in ${table}`);
  return { table, address: point.address, quantity: point.count, point };
}

function suggestion(profile: Profile, name: string): string {
  const near = profile.points.filter(({ id }) => id.includes(name) || name.includes(id)).slice(0, 5);
  return near.length === 0 ? "" : `; there is ${near.map(({ id }) => id).join(", ")}`;
}

function address(text: string): number {
  const number = parseWhole(text) ?? Number.NaN;
  return number <= LAST_ADDRESS
    ? number
    : usage(`${text} is no address: 0 to ${LAST_ADDRESS} are, counted as on the wire`);
}

/** Both ways to write an address: 0-based as on the wire, and the six-digit reference that counts from 1. */
export function addressText(table: Table, at: number): string {
  return `${table} ${at} (${firstDigit[table]}${String(at + 1).padStart(5, "0")})`;
}

/** A coil or discrete input is one bit, whatever type is asked for. Throws ERR_USAGE. */
export function checkType(table: Table, type: ValueType | undefined): void {
  if (type === undefined || type === "bool" || !isBitTable(table)) return;
  usage(`a ${table} is one bit and no ${type}: --as is for registers`);
}

export function usage(message: string): never {
  throw new CliError("ERR_USAGE", message, 2);
}
