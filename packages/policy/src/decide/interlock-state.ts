import type { Table } from "@modwarden/access";
import { decodePoint, type PointValue } from "@modwarden/profile";
import { comparable, type Interlock, type InterlockPoint, interlockPoint } from "../rules/interlock.ts";
import type { Moment } from "./moment.ts";

/** What an interlock comes to. `value`: what stands in the point; `ageMs`: how old what is known is. */
export type InterlockState =
  | { readonly kind: "holds" | "fails"; readonly value: PointValue }
  | { readonly kind: "unknown"; readonly ageMs?: number };

const UNKNOWN: InterlockState = { kind: "unknown" };

/** What is too old, not known, or "no value" is unknown: neither kept nor broken. */
export function interlockState(
  interlock: Interlock,
  device: string | null,
  moment: Moment | undefined,
): InterlockState {
  const found = interlockPoint(interlock, device);
  if (found === undefined || moment === undefined) return UNKNOWN;
  let oldest = 0;
  const read = (table: Table, address: number): number | undefined => {
    const known = moment.known(found.device, table, address);
    if (known !== undefined) oldest = Math.max(oldest, known.ageMs);
    return known?.value;
  };
  const { value } = decodePoint(found.profile, found.point, read);
  if (value === null) return UNKNOWN;
  if (oldest > interlock.stated.maxAgeMs) return { kind: "unknown", ageMs: oldest };
  const seen = found.bit === undefined ? value : bitOf(found, found.bit, read);
  return { kind: holds(interlock, found, seen) ? "holds" : "fails", value: seen };
}

/** Of the whole raw value: a scale has no bits. */
function bitOf(
  { profile, point }: InterlockPoint,
  bit: number,
  read: (table: Table, address: number) => number | undefined,
): PointValue {
  const { value } = decodePoint(profile, { ...point, scale: 1, factor: ONE, nan: [] }, read);
  const raw = typeof value === "bigint" || typeof value === "number" ? BigInt(value) : 0n;
  return Number((BigInt.asUintN(point.count * 16, raw) >> BigInt(bit)) & 1n);
}

const ONE = { numerator: 1n, denominator: 1n };

function holds({ stated }: Interlock, found: InterlockPoint, value: PointValue): boolean {
  const { equals, not, min, max, values } = stated;
  if (typeof value === "string") return false;
  const number = typeof value === "bigint" ? value : comparable(found, Number(value));
  const wanted = (limit: number | boolean): number => comparable(found, Number(limit));
  if (equals !== undefined && !same(number, wanted(equals))) return false;
  if (not !== undefined && same(number, wanted(not))) return false;
  if (min !== undefined && number < wanted(min)) return false;
  if (max !== undefined && number > wanted(max)) return false;
  return values === undefined || values.some((one) => same(number, wanted(one)));
}

/** 5n and 5 are one value. */
function same(left: number | bigint, wanted: number): boolean {
  return typeof left === "number" ? left === wanted : Number.isInteger(wanted) && left === BigInt(wanted);
}
