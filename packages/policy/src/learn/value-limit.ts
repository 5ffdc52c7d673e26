import type { Table } from "@modwarden/access";
import { encodePoint, type Point, type Profile, rawLimits, rawValue } from "@modwarden/profile";
import { ModbusError } from "@modwarden/protocol";
import { pointNumber } from "../decide/point-number.ts";
import type { EntryText } from "../language/text.ts";
import type { Distinct } from "./distinct.ts";

/** Up to so many values are listed; more are taken for samples of a range. */
export const FEW = 8;

/** The limits that let just these values pass, or their range; and what a person should know of them. */
export interface ValueLimit {
  readonly limit: Pick<EntryText, "min" | "max" | "values">;
  readonly notes: readonly string[];
}

/** Of registers or coils by themselves, raw. */
export function registerLimit(table: Table, values: Distinct<number>): ValueLimit {
  const few = values.atMost(FEW);
  // A coil has no third value.
  if (table === "coil" && few?.length === 2) return { limit: {}, notes: [] };
  if (few !== undefined) return { limit: { values: few }, notes: [] };
  return { limit: { min: values.least ?? 0, max: values.most ?? 0 }, notes: [assumed(values)] };
}

/** Of a point, in its engineering units; undefined where they cannot say exactly what was written. */
export function pointLimit(
  profile: Profile,
  point: Point,
  seen: { readonly values: Distinct<number | bigint>; readonly isOdd: boolean },
): ValueLimit | undefined {
  if (point.type === "string") return { limit: {}, notes: ["text, which has no limits: any is permitted"] };
  if (seen.isOdd || typeof point.scale !== "number") return undefined;
  const few = seen.values.atMost(FEW);
  if (point.table === "coil" && few?.length === 2) return { limit: {}, notes: [] };
  if (few !== undefined) {
    const values = few.map((raw) => engineering(profile, point, raw));
    if (!values.every((value) => value !== undefined)) return undefined;
    return { limit: { values: values.toSorted((left, right) => left - right) }, notes: [] };
  }
  const { least, most } = seen.values;
  if (least === undefined || most === undefined) return undefined;
  const turned = point.factor !== undefined && point.factor.numerator < 0n;
  const min = bound(point, turned ? most : least, "min");
  const max = bound(point, turned ? least : most, "max");
  if (min === undefined || max === undefined) return undefined;
  return { limit: { min, max }, notes: [assumed(seen.values)] };
}

function assumed(values: Distinct<number> | Distinct<number | bigint>): string {
  return `${values.countText} distinct values seen, range assumed`;
}

/** A number that the device holds as just this raw value. */
function engineering(profile: Profile, point: Point, raw: number | bigint): number | undefined {
  const text = pointNumber(point, raw, undefined);
  return [Number(text), exact(point, raw)].find((value) => holds(profile, point, value, raw));
}

function holds(profile: Profile, point: Point, value: number, raw: number | bigint): boolean {
  if (!Number.isFinite(value)) return false;
  try {
    return (
      rawValue(
        point,
        encodePoint(profile, point, value, () => undefined),
        0,
      ) === raw
    );
  } catch (error) {
    // It does not fit the point: then it says nothing of this raw value.
    if (error instanceof ModbusError) return false;
    throw error;
  }
}

/** The shortest limit that lets the raw value pass and nothing beyond it. */
function bound(point: Point, raw: number | bigint, name: "min" | "max"): number | undefined {
  const value = exact(point, raw);
  for (let decimals = 0; decimals <= 12; decimals += 1) {
    const rounded = Number(value.toFixed(decimals));
    for (const limit of [rounded, rounded + 10 ** -decimals, rounded - 10 ** -decimals]) {
      const short = Number(limit.toFixed(decimals));
      if (isBoundAt(point, short, name, raw)) return short;
    }
  }
  return isBoundAt(point, value, name, raw) ? value : undefined;
}

function isBoundAt(point: Point, limit: number, name: "min" | "max", raw: number | bigint): boolean {
  const limits = rawLimits(point, { [name]: limit });
  const held = limits?.min ?? limits?.max;
  if (held === undefined) return false;
  if (point.type === "f32") return Math.fround(Number(held)) === raw;
  return typeof held === "bigint" ? Number.isInteger(Number(raw)) && held === BigInt(raw) : held === raw;
}

function exact({ factor }: Point, raw: number | bigint): number {
  if (factor === undefined) return Number(raw);
  return (Number(raw) * Number(factor.numerator)) / Number(factor.denominator);
}
