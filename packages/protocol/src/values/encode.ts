import { ModbusError } from "../errors.ts";
import { registerCount, type ValueType, type WordOrder } from "./types.ts";
import { holds, ordered, scratch, store, swapsBytes } from "./words.ts";

type Value = number | bigint | boolean | string;

function misfit(type: ValueType, value: Value, why: string): never {
  throw new ModbusError("ERR_MODBUS_BAD_VALUE", `${JSON.stringify(String(value))} is no ${type}: ${why}`);
}

/**
 * Writes `value` into the registers from `at` on. Integers may be numbers or bigints and are never rounded or clamped;
 * floats are rounded to the type's precision; `bool` also takes 0 and 1; a `string` is Latin-1, padded with NUL.
 * Throws ERR_MODBUS_BAD_VALUE for a value that does not fit, and then `out` is as it was.
 */
export function encodeValue(
  type: ValueType,
  order: WordOrder,
  value: Value,
  out: Uint16Array,
  at: number,
  length?: number,
): void {
  const count = registerCount(type, length);
  if (!holds(out.length, at, count)) misfit(type, value, `${count} registers do not fit at ${at} of ${out.length}`);
  if (type === "string") {
    putText(order, value, out, at, count);
    return;
  }
  fill(type, value, count);
  store(order, out, at, count);
}

function fill(type: Exclude<ValueType, "string">, value: Value, count: number): void {
  switch (type) {
    case "bool":
      scratch.setUint16(0, bit(value));
      return;
    case "u16":
      scratch.setUint16(0, whole(type, value, 0, 0xffff));
      return;
    case "s16":
    case "scaleFactor":
      scratch.setInt16(0, whole(type, value, -0x8000, 0x7fff));
      return;
    case "u32":
    case "epoch32":
      scratch.setUint32(0, whole(type, value, 0, 0xffff_ffff));
      return;
    case "s32":
      scratch.setInt32(0, whole(type, value, -0x8000_0000, 0x7fff_ffff));
      return;
    case "u64":
      scratch.setBigUint64(0, wide(type, value, 0n, 0xffff_ffff_ffff_ffffn));
      return;
    case "s64":
      scratch.setBigInt64(0, wide(type, value, -0x8000_0000_0000_0000n, 0x7fff_ffff_ffff_ffffn));
      return;
    case "f32":
      scratch.setFloat32(0, float32(value));
      return;
    case "f64":
      scratch.setFloat64(0, float(type, value));
      return;
    case "bcd":
      putDigits(whole(type, value, 0, 10 ** (4 * count) - 1), count);
      return;
  }
}

function bit(value: Value): number {
  if (value === true || value === 1) return 1;
  if (value === false || value === 0) return 0;
  return misfit("bool", value, "only true, false, 1 and 0 are");
}

function whole(type: ValueType, value: Value, least: number, most: number): number {
  const number = typeof value === "bigint" ? Number(value) : value;
  if (typeof number !== "number" || !Number.isInteger(number)) return misfit(type, value, "a whole number is needed");
  if (number < least || number > most) misfit(type, value, `it is outside ${least} to ${most}`);
  return number;
}

function wide(type: ValueType, value: Value, least: bigint, most: bigint): bigint {
  if (typeof value === "number" && !Number.isSafeInteger(value)) misfit(type, value, "a safe whole number is needed");
  if (typeof value !== "bigint" && typeof value !== "number") return misfit(type, value, "a whole number is needed");
  const number = BigInt(value);
  if (number < least || number > most) misfit(type, value, `it is outside ${least} to ${most}`);
  return number;
}

function float(type: ValueType, value: Value): number {
  return typeof value === "number" ? value : misfit(type, value, "a number is needed");
}

/** NaN and the infinities are values of a float; a finite number that would become infinite is none. */
function float32(value: Value): number {
  const number = float("f32", value);
  if (Number.isFinite(number) && !Number.isFinite(Math.fround(number))) misfit("f32", value, "it is too large");
  return number;
}

function putDigits(value: number, count: number): void {
  let rest = value;
  for (let index = 2 * count - 1; index >= 0; index--) {
    scratch.setUint8(index, ((Math.floor(rest / 10) % 10) << 4) | (rest % 10));
    rest = Math.floor(rest / 100);
  }
}

function putText(order: WordOrder, value: Value, out: Uint16Array, at: number, count: number): void {
  if (typeof value !== "string") misfit("string", value, "text is needed");
  if (value.length > 2 * count) misfit("string", value, `it has more than ${2 * count} characters`);
  for (let index = 0; index < value.length; index++) {
    const code = value.charCodeAt(index);
    if (code === 0 || code > 0xff) misfit("string", value, `character ${index + 1} is not in Latin-1`);
  }
  const swap = swapsBytes(order);
  for (let index = 0; index < count; index++) {
    const high = 2 * index < value.length ? value.charCodeAt(2 * index) : 0;
    const low = 2 * index + 1 < value.length ? value.charCodeAt(2 * index + 1) : 0;
    out[at + index] = ordered((high << 8) | low, swap);
  }
}
