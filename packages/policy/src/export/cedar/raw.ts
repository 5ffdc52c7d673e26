import type { Point } from "@modwarden/profile";
import { decodeValue } from "@modwarden/protocol";

/**
 * The number of a point as a whole number that Cedar can hold and that is in the same order. Cedar's Long is a signed
 * integer of 64 bits and its decimal has four digits: so unsigned 64-bit points are given less 2^63, and floats by
 * their bits, turned round below zero (IEEE 754 orders numbers of one sign by their bits). Undefined: no number.
 */
export function orderedRaw(point: Point, words: readonly number[]): bigint | undefined {
  if (point.type === "string") return undefined;
  if (point.table === "coil" || point.table === "discrete" || point.type === "bool") return BigInt(words[0]!);
  let value: ReturnType<typeof decodeValue>;
  try {
    value = decodeValue(point.type, point.order, Uint16Array.from(words), 0, point.count);
  } catch {
    // Digits that are none: no number, and every limit is broken.
    return undefined;
  }
  if (typeof value === "bigint" || typeof value === "number") return orderedNumber(point, value);
  return undefined;
}

/** A raw number of the point as the facts have it. */
export function orderedNumber(point: Point, value: number | bigint): bigint | undefined {
  if (isFloat(point)) return orderedFloat(Number(value), point.type === "f32");
  // A scale factor that the device has not is no number.
  if (typeof value === "number" && !Number.isInteger(value)) return undefined;
  return point.type === "u64" ? BigInt(value) - SIGN : BigInt(value);
}

/** The bits of an IEEE 754 number as an integer in the order of the numbers; both zeros are 0. */
export function orderedFloat(value: number, single: boolean): bigint | undefined {
  if (Number.isNaN(value)) return undefined;
  const view = new DataView(new ArrayBuffer(8));
  if (single) view.setFloat32(0, value);
  else view.setFloat64(0, value);
  const bits = single ? BigInt(view.getUint32(0)) : view.getBigUint64(0);
  const sign = single ? 1n << 31n : SIGN;
  return bits >= sign ? sign - bits : bits;
}

export function isFloat(point: Point): boolean {
  return point.type === "f32" || point.type === "f64";
}

const SIGN = 1n << 63n;
const LEAST = -SIGN;
const MOST = SIGN - 1n;

/** `fact >= bound` of Cedar; a bound that no Long reaches is true or false by itself. */
export function atLeast(fact: string, bound: bigint): string | undefined {
  if (bound <= LEAST) return undefined;
  return bound > MOST ? "false" : `${fact} >= ${bound}`;
}

export function atMost(fact: string, bound: bigint): string | undefined {
  if (bound >= MOST) return undefined;
  return bound < LEAST ? "false" : `${fact} <= ${bound}`;
}
