import { ModbusError } from "../errors.ts";
import { registerCount, type ValueType, type WordOrder } from "./types.ts";
import { holds, load, ordered, scratch, swapsBytes } from "./words.ts";

/**
 * The value in the registers from `at` on. `u64` and `s64` give a bigint, `bool` a boolean, `string` a string (Latin-1,
 * up to the first NUL, without trailing spaces), all others a number. `bcd` with a digit above 9 gives NaN.
 * Whatever the registers hold is read; ERR_MODBUS_BAD_VALUE is only thrown when there are too few of them.
 */
export function decodeValue(
  type: ValueType,
  order: WordOrder,
  registers: Uint16Array,
  at: number,
  length?: number,
): number | bigint | boolean | string {
  const count = registerCount(type, length);
  if (!holds(registers.length, at, count)) {
    throw new ModbusError("ERR_MODBUS_BAD_VALUE", `${type} at ${at} needs ${count} of ${registers.length} registers`);
  }
  if (type === "string") return textFrom(order, registers, at, count);
  load(order, registers, at, count);
  switch (type) {
    case "bool":
      return scratch.getUint16(0) !== 0;
    case "u16":
      return scratch.getUint16(0);
    case "s16":
    case "scaleFactor":
      return scratch.getInt16(0);
    case "u32":
    case "epoch32":
      return scratch.getUint32(0);
    case "s32":
      return scratch.getInt32(0);
    case "u64":
      return scratch.getBigUint64(0);
    case "s64":
      return scratch.getBigInt64(0);
    case "f32":
      return scratch.getFloat32(0);
    case "f64":
      return scratch.getFloat64(0);
    case "bcd":
      return digitsFrom(count);
  }
}

function digitsFrom(count: number): number {
  let value = 0;
  for (let index = 0; index < 2 * count; index++) {
    const byte = scratch.getUint8(index);
    const high = byte >>> 4;
    const low = byte & 0x0f;
    if (high > 9 || low > 9) return Number.NaN;
    value = value * 100 + high * 10 + low;
  }
  return value;
}

/** Characters follow each other in address order whatever the word order says; only the bytes of a word can be turned. */
function textFrom(order: WordOrder, registers: Uint16Array, at: number, count: number): string {
  const swap = swapsBytes(order);
  let text = "";
  for (let index = 0; index < count; index++) {
    const word = ordered(registers[at + index]!, swap);
    text += String.fromCharCode(word >>> 8, word & 0xff);
  }
  const stop = text.indexOf("\0");
  return (stop < 0 ? text : text.slice(0, stop)).replace(/ +$/, "");
}
