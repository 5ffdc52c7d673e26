import type { Table } from "@modwarden/access";
import type { Coverage, Slot } from "./coverage.ts";
import { sizeOf } from "./elements.ts";
import { IntervalTable } from "./interval-table.ts";

/** The permits or the forbids of one scope: tables by function, table and half. */
export interface Side {
  readonly slots: Slots;
  /** By slot. */
  readonly plain: readonly (IntervalTable | undefined)[];
  /** Those of one sub-function apart, for few functions have any. */
  readonly bySubfunction: ReadonlyMap<number, IntervalTable> | undefined;
}

const CODES = 128;
const tables: Readonly<Record<Table, number>> = { coil: 1, discrete: 2, holding: 3, input: 4 };
/** A request of 8 or 43 that does not say which sub-function it has. */
const UNSPECIFIED = 65_536;

/** Numbers what a policy's rules are about, one after the other, so that the lists of a scope are short. */
export class Slots {
  readonly #numbers = new Int16Array(CODES * 10).fill(-1);
  #count = 0;

  /** -1: no rule is about it. */
  find(key: number): number {
    return this.#numbers[key]!;
  }

  make(key: number): number {
    if (this.#numbers[key] === -1) {
      this.#numbers[key] = this.#count;
      this.#count += 1;
    }
    return this.#numbers[key]!;
  }
}

/** Finds the table of a question: integers only, as this is on the way of every request. */
export function findTable(
  side: Side | undefined,
  code: number,
  subfunction: number | undefined,
  table: Table | null,
  write: boolean,
): IntervalTable | undefined {
  // Beyond 127 there are no request codes.
  if (side === undefined || code < 1 || code >= CODES) return undefined;
  const slot = side.slots.find(keyOf(code, table, write));
  if (slot === -1) return undefined;
  if (side.bySubfunction !== undefined) {
    const exact = side.bySubfunction.get(exactKey(slot, subfunction ?? UNSPECIFIED));
    if (exact !== undefined) return exact;
  }
  return side.plain[slot];
}

function keyOf(code: number, table: Table | null, write: boolean): number {
  return (code * 5 + (table === null ? 0 : tables[table])) * 2 + (write ? 1 : 0);
}

function exactKey(slot: number, subfunction: number): number {
  return slot * 65_537 + subfunction;
}

interface Filed {
  readonly slot: Slot;
  readonly filings: { readonly subfunction: number | undefined; readonly coverage: Coverage }[];
}

/** Collects the coverages of one side. */
export class SideBuilder {
  readonly #slots: Slots;
  readonly #filed = new Map<number, Filed>();

  constructor(slots: Slots) {
    this.#slots = slots;
  }

  file(slot: Slot, coverage: Coverage): void {
    const at = this.#slots.make(keyOf(slot.code, slot.table, slot.write));
    let filed = this.#filed.get(at);
    if (filed === undefined) {
      filed = { slot, filings: [] };
      this.#filed.set(at, filed);
    }
    filed.filings.push({ subfunction: slot.subfunction, coverage });
  }

  /** Undefined: there is nothing on this side. */
  build(forbid: boolean): Side | undefined {
    if (this.#filed.size === 0) return undefined;
    const plain: (IntervalTable | undefined)[] = Array.from({ length: Math.max(...this.#filed.keys()) + 1 });
    const bySubfunction = new Map<number, IntervalTable>();
    for (const [at, { slot, filings }] of this.#filed) {
      const size = sizeOf(slot.code, slot.table);
      const about = (wanted: (subfunction: number | undefined) => boolean): IntervalTable => {
        const coverages = filings.filter((filing) => wanted(filing.subfunction)).map((filing) => filing.coverage);
        return new IntervalTable(coverages, undefined, size);
      };
      plain[at] = about((subfunction) => subfunction === undefined);
      const named = new Set(filings.flatMap(({ subfunction }) => subfunction ?? []));
      for (const one of named) {
        bySubfunction.set(
          exactKey(at, one),
          about((subfunction) => subfunction === undefined || subfunction === one),
        );
      }
      // Unsure means no: a request that hides its sub-function is hit by every forbid of one.
      if (forbid && named.size > 0) {
        bySubfunction.set(
          exactKey(at, UNSPECIFIED),
          about(() => true),
        );
      }
    }
    return { slots: this.#slots, plain, bySubfunction: bySubfunction.size === 0 ? undefined : bySubfunction };
  }
}
