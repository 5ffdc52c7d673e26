import { decodeValue } from "@modwarden/protocol";
import { fractionOf } from "./fraction.ts";
import { isBitTable, type Point, type PointValue, type ReadRegister } from "./point.ts";
import type { Profile } from "./profile.ts";

/** SunSpec scale factors run from -10 to 10; anything else (0x8000 above all) means that there is none. */
const MAX_EXPONENT = 10;

/**
 * What a point says. `quality` "none": its registers, or those of its scale, are not known; "nan": the device says that
 * it has no value. `value` is null unless the quality is good. `text` is for people: names of bits and enumerations,
 * or the number with its unit.
 */
export interface PointReading {
  readonly value: PointValue | null;
  readonly text: string;
  readonly quality: "good" | "none" | "nan";
}

const NONE: PointReading = Object.freeze({ value: null, text: "unknown", quality: "none" });
const NAN: PointReading = Object.freeze({ value: null, text: "no value", quality: "nan" });

/** The value of a point, in engineering units, from what `read` knows. Throws nothing. */
export function decodePoint(profile: Profile, point: Point, read: ReadRegister): PointReading {
  const words = new Uint16Array(point.count);
  for (let index = 0; index < point.count; index += 1) {
    const word = read(point.table, point.address + index);
    if (word === undefined) return NONE;
    words[index] = word;
  }
  if (isBitTable(point.table)) return good(words[0] !== 0, words[0] === 0 ? "off" : "on");
  if (point.nan.length > 0 && point.nan.includes(patternOf(point, words))) return NAN;
  const raw = decodeRaw(point, words);
  if (raw === undefined) return NAN;
  if (typeof raw === "string") return good(raw, raw);
  if (typeof raw === "boolean") return good(raw, raw ? "on" : "off");
  if (typeof raw === "number" && !Number.isFinite(raw)) return NAN;
  const exponent = exponentOf(profile, point, read);
  if (exponent === undefined) return NONE;
  if (Number.isNaN(exponent)) return NAN;
  const value = scaled(point, raw, exponent);
  return good(value, textOf(point, raw, value));
}

/** The power of ten of a scale that stands in a register: 0 when the scale is fixed, NaN when the device has none. */
export function exponentOf(profile: Profile, point: Point, read: ReadRegister): number | undefined {
  if (typeof point.scale === "number") return 0;
  const scale = profile.point(point.scale.point);
  const word = scale === undefined ? undefined : read(scale.table, scale.address);
  if (scale === undefined || word === undefined) return undefined;
  const exponent = scale.type === "u16" ? word : (word << 16) >> 16;
  return Math.abs(exponent) > MAX_EXPONENT ? Number.NaN : exponent;
}

function good(value: PointValue, text: string): PointReading {
  return { value, text, quality: "good" };
}

/** BCD has digits that are none; a device that sends them has no value. */
function decodeRaw(point: Point, words: Uint16Array): PointValue | undefined {
  try {
    return decodeValue(point.type, point.order, words, 0, point.count);
  } catch {
    return undefined;
  }
}

/** The words as one unsigned number, in the point's word order. */
function patternOf(point: Point, words: Uint16Array): bigint {
  const type = point.count === 1 ? "u16" : point.count === 2 ? "u32" : "u64";
  const value = decodeValue(type, point.order, words, 0);
  return typeof value === "bigint" || typeof value === "number" ? BigInt(value) : -1n;
}

function scaled(point: Point, raw: number | bigint, exponent: number): number | bigint {
  if (exponent > 0) return Number(raw) * 10 ** exponent;
  if (exponent < 0) return Number(raw) / 10 ** -exponent;
  const factor = point.factor;
  if (factor === undefined || factor.numerator === factor.denominator) return raw;
  // Multiply first: both products are whole numbers, so that one division rounds once.
  return (Number(raw) * Number(factor.numerator)) / Number(factor.denominator);
}

function textOf(point: Point, raw: number | bigint, value: number | bigint): string {
  const name = point.enum.get(Number(raw));
  if (name !== undefined) return name;
  if (point.bits.size > 0) return bitsText(point, raw);
  const shown = typeof value === "bigint" ? String(value) : String(shorten(point, value));
  return point.unit === undefined ? shown : `${shown} ${point.unit}`;
}

/** An f32 has seven digits; a fixed scale shows as many decimals as it has, so that 6554 x 0.0061035 reads 40.0023. */
function shorten(point: Point, value: number): number {
  if (point.type === "f32" || point.type === "f64") return Number(value.toPrecision(7));
  if (typeof point.scale !== "number") return value;
  const decimals = Math.min(4, String(fractionOf(point.scale).denominator).length - 1);
  return Number(value.toFixed(decimals));
}

function bitsText(point: Point, raw: number | bigint): string {
  const pattern = BigInt.asUintN(point.count * 16, BigInt(raw));
  const set: string[] = [];
  for (let bit = 0; bit < point.count * 16; bit += 1) {
    if ((pattern >> BigInt(bit)) & 1n) set.push(point.bits.get(bit) ?? `bit ${bit}`);
  }
  return set.length === 0 ? "none" : set.join(", ");
}
