import type { Access, Outcome, Table } from "@modwarden/access";
import type { Profile } from "@modwarden/profile";
import { mayChangeAnything } from "../values.ts";
import { type Band, bandsOf } from "./band.ts";
import { KNOWN, OWED, PAGE, type Page, Pages } from "./pages.ts";

/** Records of one point, or of one register without point, in a minute. */
const PER_POINT = 10;
/** Records of one device in a minute. */
const PER_DEVICE = 600;
/** Registers and bits of one device that are watched, in pages of 256. */
const MOST_PAGES = 256;

/** A value that changed: of a point, or of registers without one that follow each other. */
export interface StateChange {
  readonly table: Table;
  readonly address: number;
  readonly values: readonly number[];
  readonly points?: readonly string[];
  /** What was on record before; null where that was nothing. */
  readonly before: readonly (number | null)[];
  /** Changes of it since that found no place. */
  readonly skipped?: number;
}

/**
 * What is on record of one device's registers, and which values that a read returned have to be put on record because
 * they differ: a point's beyond its dead band, a register's without a point at all. What a write's own record says
 * needs no other. A read that changes nothing costs one comparison for each of its registers.
 */
export class StateWatch {
  readonly #pages = new Pages(MOST_PAGES);
  readonly #bands: Readonly<Record<Table, ReadonlyMap<number, Band>>>;
  readonly #record: (change: StateChange) => boolean;
  readonly #unwatched: (count: number) => void;
  #minute = 0;
  #records = 0;

  constructor(
    profile: Profile | undefined,
    parts: {
      /** False when there is no room for it. */
      readonly record: (change: StateChange) => boolean;
      /** Told of reads of registers beyond what is watched, and of changes that never found a place. */
      readonly unwatched: (count: number) => void;
    },
  ) {
    this.#bands = bandsOf(profile);
    this.#record = parts.record;
    this.#unwatched = parts.unwatched;
  }

  /** What a read has returned; `minute` since 1970. */
  seen(table: Table, address: number, values: ArrayLike<number>, minute: number): void {
    const count = Math.min(values.length, 65_536 - address);
    let changed = false;
    for (let at = 0; at < count; ) {
      const page = this.#pages.take(table, address + at);
      const from = (address + at) % PAGE;
      const stretch = Math.min(count - at, PAGE - from);
      if (page === undefined) this.#unwatched(1);
      else changed ||= differs(page, from, values, at, stretch);
      at += stretch;
    }
    if (changed) this.#compare(table, address, values, count, minute);
  }

  /** A request that has a record of its own has ended: what that says of registers is on record. */
  told(accesses: readonly Access[], outcome: Outcome, certain: boolean): void {
    if (outcome.result === "closed") return;
    // The gateway's own exception: it was never sent.
    if (outcome.exception !== undefined && outcome.from === undefined && outcome.result === undefined) return;
    const good = certain && outcome.exception === undefined && outcome.result === undefined;
    for (const access of accesses) {
      const { table, address, quantity, write } = access;
      if (table === null) continue;
      const values = write ? access.values : outcome.values;
      if (good && values !== undefined) this.#put(table, address, values);
      else if (write && !mayChangeAnything(access)) this.#forget(table, address, quantity);
    }
  }

  /** The line stops: what is owed will not be recorded any more. */
  close(): void {
    let owed = 0;
    for (const page of this.#pages.all()) for (const skipped of page.skipped) owed += skipped;
    if (owed > 0) this.#unwatched(owed);
  }

  #put(table: Table, address: number, values: readonly number[]): void {
    for (let index = 0; index < values.length; index += 1) {
      const page = this.#pages.take(table, address + index);
      if (page === undefined) continue;
      const at = (address + index) % PAGE;
      const value = values[index] ?? 0;
      page.recorded[at] = value;
      page.latest[at] = value;
      page.state[at] = (page.state[at] ?? 0) | KNOWN;
    }
  }

  #forget(table: Table, address: number, quantity: number): void {
    for (let at = address; at < address + quantity && at < 65_536; at += 1) {
      const page = this.#pages.find(table, at);
      if (page !== undefined) page.state[at % PAGE] = (page.state[at % PAGE] ?? 0) & OWED;
    }
  }

  #compare(table: Table, address: number, values: ArrayLike<number>, count: number, minute: number): void {
    if (minute !== this.#minute) {
      this.#minute = minute;
      this.#records = 0;
    }
    for (let at = 0; at < count; ) {
      const band = this.#bands[table].get(address + at);
      const whole = band !== undefined && at + band.point.count <= count;
      if (whole) {
        this.#comparePoint(band, table, address + at, values, at);
        at += band.point.count;
      } else at += this.#compareRun(table, address + at, values, at, count);
    }
  }

  #comparePoint(band: Band, table: Table, address: number, values: ArrayLike<number>, from: number): void {
    const { count, id } = band.point;
    const last = new Uint16Array(count);
    const now = new Uint16Array(count);
    let states = KNOWN;
    let owed = 0;
    let differs = false;
    for (let index = 0; index < count; index += 1) {
      const page = this.#pages.find(table, address + index);
      if (page === undefined) return;
      const at = (address + index) % PAGE;
      const state = page.state[at] ?? 0;
      states &= state;
      owed |= state & OWED;
      now[index] = values[from + index] ?? 0;
      last[index] = (state & OWED ? page.latest[at] : page.recorded[at]) ?? 0;
      differs ||= last[index] !== now[index];
    }
    const known = (states & KNOWN) !== 0;
    const moved = (!known && owed === 0) || (differs && band.beyond(last, now));
    if (known && owed === 0 && !moved) return;
    if (this.#write(table, address, values, from, count, [id])) return;
    this.#owe(table, address, values, from, count, moved);
  }

  /** Registers that have changed and follow each other, from `from` on. Returns how many it has dealt with. */
  #compareRun(table: Table, address: number, values: ArrayLike<number>, from: number, count: number): number {
    const first = this.#pages.find(table, address);
    const start = address % PAGE;
    if (first === undefined || !differs(first, start, values, from, 1)) return 1;
    const owed = ((first.state[start] ?? 0) & OWED) !== 0;
    let length = 1;
    // One that is owed says how much of it alone was left out.
    while (!owed && from + length < count && this.#joins(table, address + length, values, from + length, count)) {
      length += 1;
    }
    if (!this.#write(table, address, values, from, length, undefined)) {
      for (let index = 0; index < length; index += 1) {
        const page = this.#pages.find(table, address + index);
        const at = (address + index) % PAGE;
        const changed = ((page?.state[at] ?? 0) & OWED) === 0 || page?.latest[at] !== values[from + index];
        this.#owe(table, address + index, values, from + index, 1, changed);
      }
    }
    return length;
  }

  #joins(table: Table, address: number, values: ArrayLike<number>, from: number, count: number): boolean {
    const band = this.#bands[table].get(address);
    if (band !== undefined && from + band.point.count <= count) return false;
    const page = this.#pages.find(table, address);
    const at = address % PAGE;
    if (page === undefined || ((page.state[at] ?? 0) & OWED) !== 0 || !this.#hasPlace(page, at)) return false;
    return differs(page, at, values, from, 1);
  }

  #hasPlace(page: Page, at: number): boolean {
    return page.minute[at] !== this.#minute || (page.records[at] ?? 0) < PER_POINT;
  }

  /** Records a change. False: it finds no place now. */
  #write(
    table: Table,
    address: number,
    values: ArrayLike<number>,
    from: number,
    count: number,
    points: readonly string[] | undefined,
  ): boolean {
    const first = this.#pages.find(table, address);
    const at = address % PAGE;
    if (first === undefined || this.#records >= PER_DEVICE || !this.#hasPlace(first, at)) return false;
    const now: number[] = [];
    const before: (number | null)[] = [];
    for (let index = 0; index < count; index += 1) {
      const page = this.#pages.find(table, address + index);
      const place = (address + index) % PAGE;
      now.push(values[from + index] ?? 0);
      before.push(((page?.state[place] ?? 0) & KNOWN) === 0 ? null : (page?.recorded[place] ?? null));
    }
    const skipped = first.skipped[at] ?? 0;
    const change: StateChange = {
      ...{ table, address, values: now },
      ...(points === undefined ? {} : { points }),
      before,
      ...(skipped === 0 ? {} : { skipped }),
    };
    if (!this.#record(change)) return false;
    this.#records += 1;
    for (let index = 0; index < count; index += 1) this.#settle(table, address + index, now[index] ?? 0);
    return true;
  }

  #settle(table: Table, address: number, value: number): void {
    const page = this.#pages.find(table, address);
    if (page === undefined) return;
    const at = address % PAGE;
    page.recorded[at] = value;
    page.state[at] = KNOWN;
    page.skipped[at] = 0;
    page.records[at] = page.minute[at] === this.#minute ? Math.min(255, (page.records[at] ?? 0) + 1) : 1;
    page.minute[at] = this.#minute;
  }

  #owe(table: Table, address: number, values: ArrayLike<number>, from: number, count: number, changed: boolean): void {
    for (let index = 0; index < count; index += 1) {
      const page = this.#pages.find(table, address + index);
      if (page === undefined) continue;
      const at = (address + index) % PAGE;
      page.state[at] = (page.state[at] ?? 0) | OWED;
      page.latest[at] = values[from + index] ?? 0;
      if (index === 0 && changed) page.skipped[at] = (page.skipped[at] ?? 0) + 1;
    }
  }
}

/** Whether one of these registers holds what is not on record. */
function differs(page: Page, from: number, values: ArrayLike<number>, at: number, count: number): boolean {
  const { state, recorded } = page;
  for (let index = 0; index < count; index += 1) {
    if (state[from + index] !== KNOWN || recorded[from + index] !== values[at + index]) return true;
  }
  return false;
}
