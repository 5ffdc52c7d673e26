import type { Access, Table } from "@modwarden/access";

/*
 * The elements of an access are whole numbers, so that one kind of table serves all: addresses, or for functions 20
 * and 21 the records of all files in one row. A function without registers is the element 0.
 */

export const LAST_ADDRESS = 65_535;
export const ADDRESSES = 65_536;
export const LAST_FILE = 65_535;
/** MODBUS Application Protocol V1.1b3 § 6.14: records are 0 to 9999. */
export const LAST_RECORD = 9_999;
const RECORDS = LAST_RECORD + 1;

const READ_FIFO = 24;
const READ_FILE = 20;
const WRITE_FILE = 21;

/** What the elements of a function without registers are. */
export function spaceOf(code: number): "files" | "fifo" | "none" {
  if (code === READ_FILE || code === WRITE_FILE) return "files";
  return code === READ_FIFO ? "fifo" : "none";
}

export function fileElement(file: number, record: number): number {
  return file * RECORDS + record;
}

/** How many elements a function can have in a table, or without one. */
export function sizeOf(code: number, table: Table | null): number {
  return table === null && spaceOf(code) === "files" ? fileElement(LAST_FILE, LAST_RECORD) + 1 : ADDRESSES;
}

/** The first element of an access, or -1 when there is no such element: it is covered by nothing. */
export function firstElement(code: number, access: Access): number {
  const { table, file, address, quantity } = access;
  if (!(Number.isInteger(address) && Number.isInteger(quantity) && address >= 0)) return -1;
  if (table !== null) return file === undefined && quantity >= 1 && address + quantity <= ADDRESSES ? address : -1;
  const space = spaceOf(code);
  if (file !== undefined) {
    const exists = space === "files" && Number.isInteger(file) && file >= 1 && file <= LAST_FILE;
    return exists && quantity >= 1 && address + quantity <= RECORDS ? fileElement(file, address) : -1;
  }
  if (space === "fifo") return quantity === 1 && address <= LAST_ADDRESS ? address : -1;
  return quantity === 0 && address === 0 ? 0 : -1;
}

/** The last element of an access whose first one is `first`. */
export function lastElement(access: Access, first: number): number {
  return first + Math.max(1, access.quantity) - 1;
}

/** The address (or record) that an element of the access stands for. */
export function addressOf(access: Access, first: number, element: number): number {
  return access.address + element - first;
}
