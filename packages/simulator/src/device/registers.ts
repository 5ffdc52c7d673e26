import type { Table } from "@modwarden/profile";

const PAGE = 256;

/**
 * What a device remembers: 65,536 elements in each of the four tables, zero at first. A page is made when something is
 * written into it, so that a plant of 248 memories does not cost 96 MiB before anybody writes.
 */
export class Registers {
  readonly #pages: Readonly<Record<Table, (Uint16Array | undefined)[]>>;

  constructor() {
    const pages = () => new Array<Uint16Array | undefined>(65536 / PAGE).fill(undefined);
    this.#pages = { coil: pages(), discrete: pages(), holding: pages(), input: pages() };
  }

  /** A coil or discrete input is 0 or 1. */
  get(table: Table, address: number): number {
    return this.#pages[table][address >>> 8]?.[address & 0xff] ?? 0;
  }

  set(table: Table, address: number, value: number): void {
    const pages = this.#pages[table];
    let page = pages[address >>> 8];
    if (page === undefined) {
      if (value === 0) return;
      page = new Uint16Array(PAGE);
      pages[address >>> 8] = page;
    }
    page[address & 0xff] = value;
  }

  read(table: Table, address: number, quantity: number): Uint16Array {
    const values = new Uint16Array(quantity);
    for (let index = 0; index < quantity; index += 1) values[index] = this.get(table, address + index);
    return values;
  }

  write(table: Table, address: number, values: ArrayLike<number>): void {
    for (let index = 0; index < values.length; index += 1) this.set(table, address + index, values[index]!);
  }
}
