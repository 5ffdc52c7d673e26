import { type Point, rawLimits } from "@modwarden/profile";
import type { EntryText } from "../language/text.ts";

/** How far a written value may be from what the point was before, raw. */
export interface StepLimit {
  readonly allowed: number | bigint;
  /** f32 and f64: how close they hold a number, relative. What is between two held values is not exactly what a person wrote. */
  readonly precision?: number;
  readonly maxAgeMs: number;
  /** With `perSeconds`: the values within this time before count as well. */
  readonly withinMs?: number;
}

const DEFAULT_MAX_AGE_MS = 5_000;

/** Undefined: the entry has no `maxStep`. Without `point` the step is in raw registers. */
export function stepLimit(entry: EntryText, point: Point | undefined): StepLimit | undefined {
  const { maxStep, perSeconds, maxAgeMs = DEFAULT_MAX_AGE_MS } = entry;
  if (maxStep === undefined) return undefined;
  const precision = floatPrecision(point);
  return {
    allowed: point === undefined ? Math.ceil(maxStep) : rawStep(point, maxStep),
    ...(precision === undefined ? {} : { precision }),
    maxAgeMs,
    ...(perSeconds === undefined ? {} : { withinMs: perSeconds * 1_000 }),
  };
}

/**
 * Two values a step apart are held as whole numbers whose difference is the step rounded down or up; the greater of
 * them is allowed, or a step that a person wrote could be refused for the device's rounding.
 */
function rawStep(point: Point, maxStep: number): number | bigint {
  if (point.type === "bool" || point.factor === undefined) return Math.ceil(maxStep);
  const turned = point.factor.numerator < 0n;
  // As the least value that a point may have, the step is rounded up.
  const allowed = rawLimits(point, turned ? { max: -maxStep } : { min: maxStep })?.min ?? 0;
  const number = Number(allowed);
  return Number.isSafeInteger(number) ? number : allowed;
}

/** How close a point of a floating-point type holds a number, relative. IEEE 754-2019 § 3.6 */
export function floatPrecision(point: Point | undefined): number | undefined {
  if (point?.type === "f32") return 2 ** -23;
  return point?.type === "f64" ? 2 ** -52 : undefined;
}

/** Whether `value` is within the step of `before`; what is no number, or infinite, is within no step of anything. */
export function withinStep(step: StepLimit, before: number | bigint, value: number | bigint): boolean {
  if (step.precision !== undefined) {
    const [from, to] = [Number(before), Number(value)];
    // The slack of an infinite value would be infinite as well.
    if (!Number.isFinite(from) || !Number.isFinite(to)) return false;
    const slack = (Math.abs(from) + Math.abs(to)) * step.precision;
    return Math.abs(to - from) <= Number(step.allowed) + slack;
  }
  if (typeof before === "number" && typeof value === "number" && typeof step.allowed === "number") {
    return Math.abs(value - before) <= step.allowed;
  }
  if (!isWhole(before) || !isWhole(value)) return false;
  const difference = BigInt(value) - BigInt(before);
  return (difference < 0n ? -difference : difference) <= BigInt(step.allowed);
}

function isWhole(value: number | bigint): boolean {
  return typeof value === "bigint" || Number.isInteger(value);
}
