import type { Access } from "@modwarden/access";
import { encodePoint, type Point, type Profile, rawLimits, rawValue } from "@modwarden/profile";
import type { EntryText } from "../language/text.ts";
import { type StepLimit, stepLimit } from "./step.ts";

/** What failed on a written value. The names are those of an explanation's `because`. */
export type LimitFailure = "min" | "max" | "values" | "mask";

/** A limit of an entry on one raw value. `most`: the raw value may not be greater, else not smaller. */
interface Bound {
  readonly raw: number | bigint;
  readonly most: boolean;
}

/**
 * The limits of an entry as they are compared: raw, computed once. Without `point` they judge each register or coil
 * by itself, as unsigned.
 */
export interface Limits {
  readonly point?: Point;
  readonly min?: Bound;
  readonly max?: Bound;
  readonly values?: ReadonlySet<number | bigint>;
  /** The bits of the register that may be set (plain writes) or touched (function 22). */
  readonly mask?: number;
  /** How far from what was there before; judged where that is known. */
  readonly step?: StepLimit;
  /** As the file says them. */
  readonly stated: EntryText;
}

function hasLimits(entry: EntryText): boolean {
  return (
    entry.min !== undefined ||
    entry.max !== undefined ||
    entry.values !== undefined ||
    entry.mask !== undefined ||
    entry.maxStep !== undefined
  );
}

export function registerLimits(entry: EntryText): Limits | undefined {
  if (!hasLimits(entry)) return undefined;
  const step = stepLimit(entry, undefined);
  return {
    ...(step === undefined ? {} : { step }),
    ...(entry.min === undefined ? {} : { min: { raw: entry.min, most: false } }),
    ...(entry.max === undefined ? {} : { max: { raw: entry.max, most: true } }),
    ...(entry.values === undefined ? {} : { values: new Set(entry.values) }),
    ...(entry.mask === undefined ? {} : { mask: entry.mask }),
    stated: entry,
  };
}

/**
 * The limits of an entry in the raw numbers of a point. Throws ModbusError ERR_MODBUS_BAD_VALUE for one of `values`
 * that the point cannot hold. The point's type and scale have been checked (`limitProblem`).
 */
export function pointLimits(entry: EntryText, profile: Profile, point: Point): Limits | undefined {
  if (!hasLimits(entry)) return undefined;
  // A negative scale turns the order round: the greatest engineering value is then the smallest raw one.
  const turned = point.factor !== undefined && point.factor.numerator < 0n;
  const min = rawBound(point, entry.min, turned);
  const max = rawBound(point, entry.max, !turned);
  const step = stepLimit(entry, point);
  return {
    point,
    ...(step === undefined ? {} : { step }),
    ...(min === undefined ? {} : { min }),
    ...(max === undefined ? {} : { max }),
    ...(entry.values === undefined ? {} : { values: rawValues(entry.values, profile, point) }),
    ...(entry.mask === undefined ? {} : { mask: registerMask(point, entry.mask) }),
    stated: entry,
  };
}

/** Why these limits cannot be judged on this point, or undefined. */
export function limitProblem(entry: EntryText, point: Point): string | undefined {
  const { min, max, values, maxStep } = entry;
  const numeric = min !== undefined || max !== undefined || values !== undefined || maxStep !== undefined;
  if (numeric && point.type === "string") return `point ${point.id} is text: it has no min, max, values or maxStep`;
  if (numeric && typeof point.scale !== "number") {
    return `the scale of point ${point.id} stands in a register, and this version does not act on such limits yet: remove them`;
  }
  if (entry.mask === undefined) return undefined;
  const word = point.count === 1 && point.table === "holding" && (point.type === "u16" || point.type === "s16");
  return word ? undefined : `a mask needs a point of one holding register, u16 or s16: ${point.id} is ${point.type}`;
}

/** The first limit that the write breaks at `address`, in the order min, max, values, mask. */
export function brokenLimit(limits: Limits, access: Access, address: number): LimitFailure | undefined {
  // What function 22 leaves in the register depends on what stands there: only its bits can be judged.
  if (access.mask !== undefined) {
    if (isOnlyStep(limits)) return undefined;
    return limits.mask !== undefined && (touchedBits(access.mask) & ~limits.mask) === 0 ? undefined : "mask";
  }
  const { min, max, values, mask } = limits;
  const raw = rawAt(limits, access, address) ?? Number.NaN;
  if (min !== undefined && !within(min, raw)) return "min";
  if (max !== undefined && !within(max, raw)) return "max";
  if (values !== undefined && !values.has(raw)) return "values";
  if (mask === undefined) return undefined;
  const register = access.values?.[address - access.address];
  return register !== undefined && (register & ~mask) === 0 ? undefined : "mask";
}

/** The raw value that limits are compared with; undefined when the write does not give all of it. */
export function rawAt(limits: Limits, access: Access, address: number): number | bigint | undefined {
  const { point } = limits;
  // A register is true whatever stands in it but 0; what a device does with a 7 that a limit of 1 let pass is its own.
  if (point === undefined || point.type === "bool") return access.values?.[address - access.address];
  const at = point.address - access.address;
  if (at < 0 || access.values === undefined || at + point.count > access.values.length) return undefined;
  for (let index = 0; index < point.count; index += 1) scratch[index] = access.values[at + index]!;
  return rawValue(point, scratch, 0);
}

/** The bits that function 22 replaces: those its AND mask clears. MODBUS Application Protocol V1.1b3 § 6.16 */
export function touchedBits(mask: { readonly and: number }): number {
  return ~mask.and & 0xffff;
}

/** As long as the longest point that can have limits: four registers; text is read nowhere here. */
const scratch = new Uint16Array(125);

/** A step is from what stands there, so with it the value that function 22 leaves is known. */
function isOnlyStep({ step, min, max, values, mask }: Limits): boolean {
  return step !== undefined && min === undefined && max === undefined && values === undefined && mask === undefined;
}

function within(bound: Bound, raw: number | bigint): boolean {
  return bound.most ? raw <= bound.raw : raw >= bound.raw;
}

function rawBound(point: Point, limit: number | undefined, most: boolean): Bound | undefined {
  if (limit === undefined) return undefined;
  if (point.type === "bool") return { raw: limit, most };
  // The scale's sign is in `most`, so which of the two results holds the bound depends on it, not on the limit's name.
  const raw = rawLimits(point, { min: limit, max: limit });
  const bound = most ? raw?.max : raw?.min;
  if (bound === undefined) throw new RangeError(`point ${point.id} has no raw limits`);
  // The limit itself, as the device holds it, is inside.
  if (point.type === "f32") return { raw: Math.fround(Number(bound)), most };
  const number = Number(bound);
  return { raw: Number.isSafeInteger(number) ? number : bound, most };
}

function rawValues(values: readonly number[], profile: Profile, point: Point): ReadonlySet<number | bigint> {
  const raw = new Set<number | bigint>();
  for (const value of values) {
    const held = rawValue(
      point,
      encodePoint(profile, point, value, () => undefined),
      0,
    );
    if (held !== undefined) raw.add(held);
  }
  return raw;
}

/** A mask is written in the point's bits; registers whose bytes are turned round carry them elsewhere. */
function registerMask(point: Point, mask: number): number {
  const swapped = point.order === "BADC" || point.order === "DCBA";
  return swapped ? ((mask & 0xff) << 8) | (mask >> 8) : mask;
}
