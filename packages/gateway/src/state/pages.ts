import type { Table } from "@modwarden/access";

export const PAGE = 256;

/** Its value on record holds; without this it was never seen, or a write of unknown outcome came since. */
export const KNOWN = 1;
/** Changes of it found no place: whatever it holds next is recorded as soon as there is place again. */
export const OWED = 2;

/** What is on record of 256 registers or bits that follow each other. */
export interface Page {
  /** KNOWN and OWED. */
  readonly state: Uint8Array;
  readonly recorded: Uint16Array;
  /** What was seen last of one that is owed. */
  readonly latest: Uint16Array;
  /** Changes that found no place. */
  readonly skipped: Uint32Array;
  /** The minute in which `records` were written. */
  readonly minute: Int32Array;
  readonly records: Uint8Array;
}

/** The pages of one device, made when first touched; a bounded number of them. */
export class Pages {
  readonly #tables: Readonly<Record<Table, (Page | undefined)[]>> = { coil: [], discrete: [], holding: [], input: [] };
  readonly #capacity: number;
  #count = 0;

  constructor(capacity: number) {
    this.#capacity = capacity;
  }

  /** The page that holds the address, if it was ever touched. */
  find(table: Table, address: number): Page | undefined {
    return this.#tables[table][Math.floor(address / PAGE)];
  }

  /** As `find`, and made when there is none; undefined when there are as many as may be. */
  take(table: Table, address: number): Page | undefined {
    const found = this.find(table, address);
    if (found !== undefined || this.#count >= this.#capacity) return found;
    const page: Page = {
      state: new Uint8Array(PAGE),
      recorded: new Uint16Array(PAGE),
      latest: new Uint16Array(PAGE),
      skipped: new Uint32Array(PAGE),
      minute: new Int32Array(PAGE),
      records: new Uint8Array(PAGE),
    };
    this.#tables[table][Math.floor(address / PAGE)] = page;
    this.#count += 1;
    return page;
  }

  *all(): Generator<Page> {
    for (const table of Object.values(this.#tables)) for (const page of table) if (page !== undefined) yield page;
  }
}
