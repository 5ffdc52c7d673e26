import { encodePoint, type Point, type Profile } from "@modwarden/profile";
import type { EntryText } from "../../language/text.ts";
import { orderedBounds, rawStep } from "./bounds.ts";
import { atLeast, atMost, orderedRaw } from "./raw.ts";
import { allOf, cedarSet, cedarString } from "./text.ts";

/** Limits of a functions entry: each register or coil by itself, as unsigned. Undefined: there are none. */
export function registerLimits(entry: EntryText): string | undefined {
  if (!isLimited(entry)) return undefined;
  const { min, max, values } = entry;
  const plain = [
    min === undefined ? undefined : `context.value >= ${min}`,
    max === undefined ? undefined : `context.value <= ${max}`,
    values && `${cedarSet(values)}.contains(context.value)`,
  ].filter((part) => part !== undefined);
  return written(plain.length === 0 ? undefined : allOf(["context has value", ...plain]), entry.mask, stepText(entry));
}

/** Limits of a point, in its raw numbers. */
export function pointLimits(entry: EntryText, profile: Profile, point: Point): string | undefined {
  if (!isLimited(entry)) return undefined;
  const { least, most } = orderedBounds(point, entry.min, entry.max);
  const fact = `context.raw[${cedarString(point.id)}]`;
  const plain = [
    least === undefined ? undefined : atLeast(fact, least),
    most === undefined ? undefined : atMost(fact, most),
    entry.values && `${cedarSet(heldValues(entry.values, profile, point))}.contains(${fact})`,
  ].filter((part) => part !== undefined);
  const numeric = entry.min !== undefined || entry.max !== undefined || entry.values !== undefined;
  const known = `context has raw && context.raw has ${cedarString(point.id)}`;
  return written(
    numeric ? allOf([known, ...plain]) : undefined,
    entry.mask === undefined ? undefined : registerMask(point, entry.mask),
    stepText(entry, point),
  );
}

/** The name under which the facts have how far a write moves a point, or a register by itself. */
export function moveName(point: Point | undefined, perSeconds?: number): string {
  const name = point?.id ?? "";
  return perSeconds === undefined ? name : `${name} in ${perSeconds} s`;
}

const DEFAULT_MAX_AGE_MS = 5000;

function stepText({ maxStep, maxAgeMs, perSeconds }: EntryText, point?: Point): string | undefined {
  if (maxStep === undefined) return undefined;
  const step = rawStep(point, maxStep);
  const name = cedarString(moveName(point));
  const slew = cedarString(moveName(point, perSeconds));
  return allOf([
    `context has move && context.move has ${name}`,
    `context.move[${name}].ageMs <= ${maxAgeMs ?? DEFAULT_MAX_AGE_MS}`,
    atMost(`context.move[${name}].by`, step),
    perSeconds === undefined
      ? undefined
      : `(if context has slew && context.slew has ${slew} then ${atMost(`context.slew[${slew}]`, step) ?? "true"} else true)`,
  ]);
}

function isLimited({ min, max, values, mask, maxStep }: EntryText): boolean {
  return [min, max, values, mask, maxStep].some((limit) => limit !== undefined);
}

/**
 * What function 22 leaves in the register is not known before: only its bits can be judged, and a step from what is
 * known to stand there.
 */
function written(plain: string | undefined, mask: number | undefined, step: string | undefined): string {
  const bits =
    mask === undefined ? undefined : `context has bits && ${cedarSet(bitsOf(mask))}.containsAll(context.bits)`;
  const others = plain === undefined || bits === undefined ? plain : `(context.function == 22 || (${plain}))`;
  const onlyPlain = bits === undefined && plain !== undefined ? "context.function != 22" : undefined;
  return allOf([bits, onlyPlain, others, step]);
}

/** The bits of a register that are set; 0 is the lowest. */
export function bitsOf(register: number): readonly number[] {
  return Array.from({ length: 16 }, (_, bit) => bit).filter((bit) => Math.floor(register / 2 ** bit) % 2 === 1);
}

/** A mask is written in the point's bits; registers whose bytes are turned round carry them elsewhere. */
function registerMask(point: Point, mask: number): number {
  const turned = point.order === "BADC" || point.order === "DCBA";
  return turned ? (mask % 256) * 256 + Math.floor(mask / 256) : mask;
}

/** The permitted values as the device would hold them. */
function heldValues(values: readonly number[], profile: Profile, point: Point): readonly bigint[] {
  return values.flatMap((value) => {
    const words = encodePoint(profile, point, value, () => undefined);
    return orderedRaw(point, Array.from(words)) ?? [];
  });
}
