import type { Point } from "@modwarden/profile";
import { encodeValue, type ValueType } from "@modwarden/protocol";

/** The least and the greatest that the integer types hold. */
const RANGES: Readonly<Partial<Record<ValueType, readonly [bigint, bigint]>>> = {
  u16: [0n, 0xffffn],
  s16: [-0x8000n, 0x7fffn],
  scaleFactor: [-10n, 10n],
  u32: [0n, 0xffff_ffffn],
  epoch32: [0n, 0xffff_ffffn],
  s32: [-0x8000_0000n, 0x7fff_ffffn],
  u64: [0n, 2n ** 64n - 1n],
  s64: [-(2n ** 63n), 2n ** 63n - 1n],
};

/**
 * The words of a point whose value is beyond what they hold: the nearest end of its range that does not mean "no
 * value". `undefined` for a type that has no ends.
 */
export function saturatedWords(point: Point, value: number): Uint16Array | undefined {
  const range = point.type === "bcd" ? ([0n, 10n ** BigInt(4 * point.count) - 1n] as const) : RANGES[point.type];
  if (range === undefined) return undefined;
  const turned = point.factor !== undefined && point.factor.numerator < 0n;
  const inward = value > 0 !== turned ? -1n : 1n;
  const width = point.count * 16;
  let raw = inward < 0n ? range[1] : range[0];
  while (point.nan.includes(BigInt.asUintN(width, raw))) raw += inward;
  const words = new Uint16Array(point.count);
  encodeValue(point.type, point.order, raw, words, 0, point.count);
  return words;
}
