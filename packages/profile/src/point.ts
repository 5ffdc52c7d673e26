import type { ValueType, WordOrder } from "@modwarden/protocol";
import type { Fraction } from "./fraction.ts";

export type Table = "coil" | "discrete" | "holding" | "input";

/** What a point may be asked for. `w`: the device takes it and does not tell it. */
export type PointAccess = "r" | "rw" | "w";

/** In engineering units, both inclusive. */
export interface Limits {
  readonly min?: number;
  readonly max?: number;
}

/** What is usual for a point: descriptive, for people and for the detector. In engineering units. */
export interface Expectation {
  readonly normal?: readonly [number, number];
  readonly maxDeltaPerSecond?: number;
  readonly deadband?: number;
}

/** A named value in a device's registers. Addresses are 0-based, counts are registers (or bits, in the bit tables). */
export interface Point {
  readonly id: string;
  readonly table: Table;
  readonly address: number;
  readonly count: number;
  readonly type: ValueType;
  readonly order: WordOrder;
  /** A factor, or the point that holds the power of ten. */
  readonly scale: number | { readonly point: string };
  /** The factor as an exact fraction; absent where the scale stands in a register. */
  readonly factor?: Fraction;
  readonly unit?: string;
  readonly access: PointAccess;
  /** Names of bits; bit 0 is the lowest of the whole value. */
  readonly bits: ReadonlyMap<number, string>;
  readonly enum: ReadonlyMap<number, string>;
  /** Raw patterns, unsigned over the point's whole width, that mean "no value". */
  readonly nan: readonly bigint[];
  readonly limits: Limits;
  readonly labels: readonly string[];
  readonly poll?: "fast" | "normal" | "slow";
  readonly expect?: Expectation;
  /** May share registers with other points. */
  readonly alias: boolean;
}

/** A 64-bit integer without a scale is a bigint. */
export type PointValue = number | bigint | boolean | string;

/** What one register or bit holds; `undefined` when it is not known. */
export type ReadRegister = (table: Table, address: number) => number | undefined;

export function isBitTable(table: Table): boolean {
  return table === "coil" || table === "discrete";
}
