import { encodePoint, type PointValue, type Profile, type ReadRegister } from "@modwarden/profile";
import { decodeValue, encodeValue, registerCount, type ValueType, type WordOrder } from "@modwarden/protocol";
import { parseWhole } from "../frame/options.ts";
import { type Place, usage } from "./place.ts";

/** How registers are read and written where no profile says it. */
export interface ValueForm {
  readonly type: ValueType;
  readonly order: WordOrder;
}

/** The registers as values of one type, one after the other; text is one value over all of them. */
export function valuesOf(registers: Uint16Array, { type, order }: ValueForm): PointValue[] {
  const width = type === "string" ? registers.length : registerCount(type);
  if (registers.length % width !== 0) {
    usage(`${registers.length} registers are no whole number of ${type} values of ${width} registers`);
  }
  const values: PointValue[] = [];
  for (let at = 0; at < registers.length; at += width) values.push(decodeValue(type, order, registers, at, width));
  return values;
}

/** As a person reads it: a float of 32 bits with the digits it has, which are fewer than those of a JSON number. */
export function textOf(value: PointValue | null, type: ValueType | undefined): string {
  if (type !== "f32" || typeof value !== "number") return String(value);
  // IEEE 754: nine significant digits tell any two floats of 32 bits apart.
  for (let digits = 6; digits < 9; digits += 1) {
    const short = Number(value.toPrecision(digits));
    if (Math.fround(short) === value) return String(short);
  }
  return String(Number(value.toPrecision(9)));
}

/** The registers that hold these values. Throws ERR_USAGE, or ERR_MODBUS_BAD_VALUE for one that does not fit. */
export function registersOf(texts: readonly string[], { type, order }: ValueForm): Uint16Array {
  const widths = texts.map((text) =>
    type === "string" ? Math.max(1, Math.ceil(text.length / 2)) : registerCount(type),
  );
  const registers = new Uint16Array(widths.reduce((sum, width) => sum + width, 0));
  let at = 0;
  for (const [index, text] of texts.entries()) {
    const width = widths[index] ?? 0;
    encodeValue(type, order, parseValue(text, type), registers, at, width);
    at += width;
  }
  return registers;
}

/** The words of a point for a value in engineering units, or for the name of an enumeration's value. */
export function pointWords(profile: Profile, place: Place, texts: readonly string[], read: ReadRegister): Uint16Array {
  const { point } = place;
  const [text] = texts;
  if (point === undefined || text === undefined || texts.length !== 1) return usage("a point takes one value");
  const number = parseNumber(text);
  const value = point.type === "string" ? text : (number ?? parseTruth(text) ?? text);
  return encodePoint(profile, point, value, read);
}

/** Coils: 1, 0, on, off, true, false. */
export function bitsOf(texts: readonly string[]): boolean[] {
  return texts.map((text) => {
    const truth = parseTruth(text);
    return truth ?? usage(`"${text}" is no state of a coil: 1 and 0 are, on and off, true and false`);
  });
}

function parseValue(text: string, type: ValueType): PointValue {
  if (type === "string") return text;
  if (type === "bool") return parseTruth(text) ?? usage(`"${text}" is neither true nor false`);
  if ((type === "u64" || type === "s64") && /^-?\d+$/.test(text)) return BigInt(text);
  return parseNumber(text) ?? usage(`"${text}" is no number`);
}

function parseNumber(text: string): number | undefined {
  const whole = parseWhole(text);
  if (whole !== undefined) return whole;
  return /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(text) ? Number(text) : undefined;
}

function parseTruth(text: string): boolean | undefined {
  if (/^(1|on|true)$/i.test(text)) return true;
  return /^(0|off|false)$/i.test(text) ? false : undefined;
}
