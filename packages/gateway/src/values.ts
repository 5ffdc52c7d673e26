import type { Access, Table } from "@modwarden/access";
import { type Response, unpackBits } from "@modwarden/protocol";
import type { Flight } from "./dispatch/flight.ts";

const PAGE = 256;

interface Page {
  readonly values: Uint16Array;
  /** Monotonic milliseconds of when each value was seen; 0 means never, or unknown since a write without an answer. */
  readonly seenMs: Float64Array;
}

/** The last value the line has seen of each register of one device, with its age. Pages are made when first touched. */
export interface LastValues {
  set(table: Table, address: number, value: number, nowMs: number): void;
  /** A forwarded write of unknown outcome makes the last value unknown. */
  forget(table: Table, address: number, quantity: number): void;
  /** Everything: what was sent may have changed any of it. */
  forgetAll(): void;
  get(table: Table, address: number): number | undefined;
  seenMs(table: Table, address: number): number | undefined;
}

export function createLastValues(): LastValues {
  const pages: Record<Table, (Page | undefined)[]> = { coil: [], discrete: [], holding: [], input: [] };
  const pageOf = (table: Table, address: number): Page | undefined => pages[table][Math.floor(address / PAGE)];
  return {
    set(table, address, value, nowMs) {
      const index = Math.floor(address / PAGE);
      let page = pages[table][index];
      if (page === undefined) {
        page = { values: new Uint16Array(PAGE), seenMs: new Float64Array(PAGE) };
        pages[table][index] = page;
      }
      page.values[address % PAGE] = value;
      page.seenMs[address % PAGE] = nowMs;
    },
    forget(table, address, quantity) {
      for (let at = address; at < address + quantity && at < 65_536; at += 1) {
        const page = pageOf(table, at);
        if (page !== undefined) page.seenMs[at % PAGE] = 0;
      }
    },
    forgetAll() {
      for (const table of Object.values(pages)) for (const page of table) page?.seenMs.fill(0);
    },
    get(table, address) {
      const page = pageOf(table, address);
      return page === undefined || page.seenMs[address % PAGE] === 0 ? undefined : page.values[address % PAGE];
    },
    seenMs(table, address) {
      const at = pageOf(table, address)?.seenMs[address % PAGE];
      return at === undefined || at === 0 ? undefined : at;
    },
  };
}

/**
 * Keeps what an answered request has read and written, and returns what it has read. `certain` false: something else
 * was written to the same meanwhile, and which came first is not known.
 */
export function remember(
  last: LastValues,
  accesses: readonly Access[],
  response: Response,
  nowMs: number,
  certain: boolean,
): readonly number[] | undefined {
  let read: readonly number[] | undefined;
  for (const access of accesses) {
    const { table, address, quantity } = access;
    if (table === null) {
      if (mayChangeAnything(access)) last.forgetAll();
      continue;
    }
    const values = access.write ? access.values : valuesOf(response, quantity);
    if (!access.write) read = values;
    if (values === undefined || !certain) {
      if (access.write) last.forget(table, address, quantity);
      continue;
    }
    for (let index = 0; index < values.length; index += 1) last.set(table, address + index, values[index] ?? 0, nowMs);
  }
  return read;
}

/**
 * What the registers that a write changes hold as far as the line knows, in the order of its accesses; null where it
 * does not, or where another write is on its way. Undefined when none of it is known, or it writes no registers.
 */
export function knownBefore(
  { flight, values }: { readonly flight: Flight; readonly values: LastValues },
  accesses: readonly Access[],
): readonly (number | null)[] | undefined {
  const before: (number | null)[] = [];
  let known = false;
  for (const { table, address, quantity, write } of accesses) {
    if (!write || table === null) continue;
    for (let at = address; at < address + quantity; at += 1) {
      const value = flight.writes(table, at, 1) ? undefined : values.get(table, at);
      known ||= value !== undefined;
      before.push(value ?? null);
    }
  }
  return known ? before : undefined;
}

/** After a write of unknown outcome. */
export function forgetWritten(last: LastValues, accesses: readonly Access[]): void {
  for (const access of accesses) {
    const { table, address, quantity, write } = access;
    if (write && table !== null) last.forget(table, address, quantity);
    else if (mayChangeAnything(access)) last.forgetAll();
  }
}

/** A restart, or a vendor's own function: what stands in which register after it is not known. Files are not registers. */
export function mayChangeAnything({ table, file, write }: Access): boolean {
  return write && table === null && file === undefined;
}

function valuesOf(response: Response, quantity: number): readonly number[] | undefined {
  if ("registers" in response) return Array.from(response.registers);
  if ("bytes" in response) return unpackBits(response.bytes, quantity).map(Number);
  return undefined;
}
