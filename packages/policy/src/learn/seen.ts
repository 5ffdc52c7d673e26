import type { Access, Table, Transport } from "@modwarden/access";
import type { Point } from "@modwarden/profile";
import type { Observation } from "../observation.ts";
import type { PolicyDevice } from "../rules/device.ts";
import { rawAt, touchedBits } from "../rules/limits.ts";
import { Distinct } from "./distinct.ts";
import { type Tally, together } from "./tally.ts";

/** What one role asked of one device (or of a unit without one) with one function. */
export interface SeenFunction {
  readonly role: string;
  readonly device: string | null;
  readonly unit: number;
  /** How it came, for what writes; a permit to read counts on every transport. */
  readonly transport: Transport | null;
  readonly code: number;
  readonly subfunction: number | undefined;
  tally: Tally;
  /** Spans of registers, or of a file's records, that were read (or written, in files), by their text. */
  readonly spans: Map<string, SeenSpan>;
  /** Registers and coils that were written, by address. */
  readonly written: Map<number, SeenValues>;
  /** Points of the device's profile that were written as a whole. */
  readonly points: Map<Point, SeenPoint>;
  /** The bits that function 22 touched, by address. */
  readonly masks: Map<number, { bits: number; tally: Tally }>;
}

export interface SeenSpan {
  readonly table: Table | null;
  readonly file: number | undefined;
  readonly address: number;
  readonly quantity: number;
  tally: Tally;
}

export interface SeenValues {
  readonly table: Table;
  readonly values: Distinct<number>;
  tally: Tally;
}

export interface SeenPoint {
  readonly values: Distinct<number | bigint>;
  /** It was written with what is no finite number: text, or a float's "not a number". */
  isOdd: boolean;
  tally: Tally;
}

/** What is kept of the past, bounded: spans, registers and points together. */
export const MAX_SEEN = 100_000;

/** Folds observations that a policy can permit. */
export class Seen {
  readonly functions: Map<string, SeenFunction> = new Map();
  readonly #most: number;
  #size = 0;

  constructor(most: number = MAX_SEEN) {
    this.#most = most;
  }

  /** False: there is no room for more. Nothing of the observation is taken then. */
  add(observation: Observation, device: PolicyDevice | undefined): boolean {
    const { question, count, firstMs, lastMs } = observation;
    const room = question.accesses.reduce((sum, { quantity, write }) => sum + (write ? 2 * quantity : 1), 1);
    if (this.#size + room > this.#most) return false;
    const tally = { count, firstMs, lastMs };
    const seen = this.#function(observation, tally);
    for (const access of question.accesses) {
      if (access.mask !== undefined) this.#mask(seen, access.address, touchedBits(access.mask), tally);
      else if (access.write && access.table !== null) this.#write(seen, access, access.table, tally, device);
      else if (question.functionCode !== MASK_WRITE) this.#span(seen, access, tally);
    }
    return true;
  }

  #function({ question }: Observation, tally: Tally): SeenFunction {
    const { role, device, unit, functionCode: code, subfunction, accesses } = question;
    const transport = accesses.some((access) => access.write) ? question.transport : null;
    const key = JSON.stringify([role, device, unit, transport, code, subfunction]);
    const known = this.functions.get(key);
    if (known !== undefined) {
      known.tally = together(known.tally, tally);
      return known;
    }
    this.#size += 1;
    const made: SeenFunction = {
      role: role ?? "",
      ...{ device, unit, transport, code, subfunction, tally },
      ...{ spans: new Map(), written: new Map(), points: new Map(), masks: new Map() },
    };
    this.functions.set(key, made);
    return made;
  }

  #span(seen: SeenFunction, { table, file, address, quantity }: Access, tally: Tally): void {
    const key = `${table} ${file} ${address} ${quantity}`;
    const known = seen.spans.get(key);
    if (known === undefined) {
      this.#size += 1;
      seen.spans.set(key, { table, file, address, quantity, tally });
    } else known.tally = together(known.tally, tally);
  }

  #mask(seen: SeenFunction, address: number, bits: number, tally: Tally): void {
    const known = seen.masks.get(address);
    if (known === undefined) {
      this.#size += 1;
      seen.masks.set(address, { bits, tally });
      return;
    }
    known.bits |= bits;
    known.tally = together(known.tally, tally);
  }

  #write(seen: SeenFunction, access: Access, table: Table, tally: Tally, device: PolicyDevice | undefined): void {
    for (const [index, value] of (access.values ?? []).entries()) {
      const address = access.address + index;
      let known = seen.written.get(address);
      if (known === undefined) {
        this.#size += 1;
        known = { table, values: new Distinct(), tally };
        seen.written.set(address, known);
      } else known.tally = together(known.tally, tally);
      known.values.add(value);
    }
    for (const point of device?.profile?.pointsAt(table, access.address, access.quantity) ?? []) {
      let known = seen.points.get(point);
      if (known === undefined) {
        this.#size += 1;
        known = { values: new Distinct(), isOdd: false, tally };
        seen.points.set(point, known);
      } else known.tally = together(known.tally, tally);
      const raw = rawAt({ point, stated: {} }, access, point.address);
      if (raw === undefined || !Number.isFinite(Number(raw))) known.isOdd = true;
      else known.values.add(raw);
    }
  }
}

const MASK_WRITE = 22;
