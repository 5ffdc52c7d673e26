import { decodeValue } from "@modwarden/protocol";
import { ceil, divide, floor, fractionOf, toNumber } from "./fraction.ts";
import type { Limits, Point } from "./point.ts";

/**
 * Limits as they are compared: whole numbers for integer types, so that no rounding decides; floating-point numbers
 * for f32 and f64. Inclusive.
 */
export interface RawLimits {
  readonly min?: bigint | number;
  readonly max?: bigint | number;
}

/**
 * Limits in engineering units (default: the point's own) as raw values of the point. The nearest raw values inside the
 * limits are taken: what they let through is never outside. `undefined` when the point is no number, or when its scale
 * stands in a register, so that no raw limit can be computed once.
 */
export function rawLimits(point: Point, limits: Limits = point.limits): RawLimits | undefined {
  const factor = point.factor;
  if (factor === undefined || point.type === "string" || point.type === "bool") return undefined;
  const scaled = (limit: number | undefined) => (limit === undefined ? undefined : divide(fractionOf(limit), factor));
  // A negative scale turns the order round.
  const [low, high] = factor.numerator > 0n ? [limits.min, limits.max] : [limits.max, limits.min];
  const min = scaled(low);
  const max = scaled(high);
  const floating = point.type === "f32" || point.type === "f64";
  return {
    ...(min === undefined ? {} : { min: floating ? toNumber(min) : ceil(min) }),
    ...(max === undefined ? {} : { max: floating ? toNumber(max) : floor(max) }),
  };
}

/**
 * The number that a point's words hold, without its scale: what raw limits are compared with. `undefined` for text.
 * `registers` holds the point's words from `at` on; a bit table's point is 0 or 1.
 */
export function rawValue(point: Point, registers: Uint16Array, at: number): number | bigint | undefined {
  const value = decodeValue(point.type, point.order, registers, at, point.count);
  if (typeof value === "boolean") return value ? 1 : 0;
  return typeof value === "string" ? undefined : value;
}

/** Which limit a raw value breaks. "Not a number" breaks every limit that there is. */
export function brokenLimit(limits: RawLimits, raw: number | bigint): "min" | "max" | undefined {
  if (limits.min !== undefined && !(raw >= limits.min)) return "min";
  if (limits.max !== undefined && !(raw <= limits.max)) return "max";
  return undefined;
}
