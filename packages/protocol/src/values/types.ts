import { ModbusError } from "../errors.ts";

/**
 * What registers can hold. `bool` is a register that is zero or not; `bcd` has four decimal digits in a register;
 * `string` has two characters in a register; `epoch32` counts seconds since 1970; `scaleFactor` is a power of ten.
 */
export type ValueType =
  | "bool"
  | "u16"
  | "s16"
  | "u32"
  | "s32"
  | "u64"
  | "s64"
  | "f32"
  | "f64"
  | "bcd"
  | "string"
  | "epoch32"
  | "scaleFactor";

/**
 * Where the bytes of a value stand, A being the highest: in the order of the specification, with the words turned
 * round, with the bytes of each word turned round, or both. A value of four registers turns all four words round.
 */
export type WordOrder = "ABCD" | "CDAB" | "BADC" | "DCBA";

export const wordOrders: readonly WordOrder[] = Object.freeze(["ABCD", "CDAB", "BADC", "DCBA"] as const);

const counts = Object.freeze({
  bool: 1,
  u16: 1,
  s16: 1,
  scaleFactor: 1,
  u32: 2,
  s32: 2,
  f32: 2,
  epoch32: 2,
  u64: 4,
  s64: 4,
  f64: 4,
} as const);

export const valueTypes: readonly ValueType[] = Object.freeze([
  ...(Object.keys(counts) as (keyof typeof counts)[]),
  "bcd",
  "string",
] as const);

/** Twelve digits: more would not be exact as a number. */
const MAX_BCD_REGISTERS = 3;
/** One response can hold no more. */
const MAX_STRING_REGISTERS = 125;

/**
 * Registers that a value takes. `length` is their number for `bcd` (1 to 3, default 1) and `string` (1 to 125, no
 * default); other types have one length only. Throws ERR_MODBUS_BAD_VALUE.
 */
export function registerCount(type: ValueType, length?: number): number {
  if (type !== "bcd" && type !== "string") {
    const count: number | undefined = counts[type];
    if (count === undefined) {
      throw new ModbusError("ERR_MODBUS_BAD_VALUE", `type has to be one of ${valueTypes.join(", ")}, not ${type}`);
    }
    if (length === undefined || length === count) return count;
    throw new ModbusError("ERR_MODBUS_BAD_VALUE", `${type} takes ${count} registers, not ${length}`);
  }
  const count = length ?? (type === "bcd" ? 1 : 0);
  const most = type === "bcd" ? MAX_BCD_REGISTERS : MAX_STRING_REGISTERS;
  if (!Number.isInteger(count) || count < 1 || count > most) {
    throw new ModbusError("ERR_MODBUS_BAD_VALUE", `${type} takes 1 to ${most} registers, not ${count}`);
  }
  return count;
}
