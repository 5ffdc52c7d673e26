import { encodeValue, ModbusError } from "@modwarden/protocol";
import { exponentOf } from "./decode.ts";
import { isBitTable, type Point, type PointValue, type ReadRegister } from "./point.ts";
import type { Profile } from "./profile.ts";

/**
 * The words that hold `value`, given in engineering units or as the name of an enumeration's value. The nearest raw
 * value is taken; limits are not judged here. `read` is asked only for a scale that stands in a register.
 * Throws ModbusError ERR_MODBUS_BAD_VALUE when the value does not fit the point, or its scale is not known.
 */
export function encodePoint(profile: Profile, point: Point, value: PointValue, read: ReadRegister): Uint16Array {
  const words = new Uint16Array(point.count);
  if (isBitTable(point.table)) {
    words[0] = truth(point, value) ? 1 : 0;
    return words;
  }
  encodeValue(point.type, point.order, rawOf(profile, point, value, read), words, 0, point.count);
  return words;
}

function rawOf(profile: Profile, point: Point, value: PointValue, read: ReadRegister): PointValue {
  if (point.type === "string") {
    if (typeof value !== "string") throw unfit(point, value, "text is wanted");
    return value;
  }
  if (point.type === "bool") return truth(point, value);
  if (typeof value === "string") return named(point, value);
  if (typeof value === "boolean") throw unfit(point, value, "a number is wanted");
  const exponent = exponentOf(profile, point, read);
  if (exponent === undefined || Number.isNaN(exponent)) throw unfit(point, value, "its scale is not known");
  const raw = unscaled(point, value, exponent);
  return point.type === "f32" || point.type === "f64" ? Number(raw) : whole(point, value, raw);
}

function unscaled(point: Point, value: number | bigint, exponent: number): number | bigint {
  if (exponent > 0) return Number(value) / 10 ** exponent;
  if (exponent < 0) return Number(value) * 10 ** -exponent;
  const factor = point.factor;
  if (factor === undefined || factor.numerator === factor.denominator) return value;
  return (Number(value) * Number(factor.denominator)) / Number(factor.numerator);
}

function whole(point: Point, value: PointValue, raw: number | bigint): number | bigint {
  if (typeof raw === "bigint") return point.count > 2 ? raw : Number(raw);
  if (!Number.isFinite(raw)) throw unfit(point, value, "a finite number is wanted");
  const rounded = Math.round(raw);
  return point.type === "u64" || point.type === "s64" ? BigInt(rounded) : rounded === 0 ? 0 : rounded;
}

function named(point: Point, name: string): number {
  for (const [value, known] of point.enum) if (known === name) return value;
  throw unfit(
    point,
    name,
    point.enum.size === 0 ? "a number is wanted" : `one of ${[...point.enum.values()].join(", ")}`,
  );
}

function truth(point: Point, value: PointValue): boolean {
  if (typeof value === "boolean") return value;
  if (value === 0 || value === 1) return value === 1;
  throw unfit(point, value, "true, false, 0 or 1 is wanted");
}

function unfit(point: Point, value: PointValue, wanted: string): ModbusError {
  return new ModbusError("ERR_MODBUS_BAD_VALUE", `${String(value)} does not fit point ${point.id}: ${wanted}`);
}
