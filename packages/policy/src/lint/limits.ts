import type { Path } from "@modwarden/document";
import type { Point } from "@modwarden/profile";
import type { EntryText, RuleText } from "../language/text.ts";
import type { CompiledRule, EntryPoint } from "../rules/rule.ts";
import type { LintContext } from "./finding.ts";

/** What the limits of a permit come to on the points that it lets write. */
export function lintLimits(rule: RuleText, compiled: CompiledRule, path: Path, { find }: LintContext): void {
  if (rule.permit === undefined) return;
  for (const [index, entry] of (rule.allow ?? []).entries()) {
    const at = [...path, "allow", index];
    const resolved = compiled.entries[index];
    if (resolved?.kind !== "points" || !resolved.write) {
      lintRegisterStep(entry, at, find);
      continue;
    }
    // One finding for each point of a profile, however many devices have it.
    const told = new Set<string>();
    for (const [device, points] of resolved.points) {
      for (const one of points) {
        const found = lintPoint(entry, one, device);
        if (found === undefined || told.has(found.message.replace(device, ""))) continue;
        told.add(found.message.replace(device, ""));
        find(found.code, [...at, found.key], found.message);
      }
    }
  }
}

interface PointFinding {
  readonly code: "value-impossible" | "limit-missing" | "limit-wider" | "step-without-effect";
  readonly key: string;
  readonly message: string;
}

function lintPoint(entry: EntryText, { point }: EntryPoint, device: string): PointFinding | undefined {
  const name = `${point.id} of ${device}`;
  const range = heldRange(point);
  const { min, max, values, maxStep } = entry;
  if (range !== undefined) {
    const holds = `${name} holds ${range.min} to ${range.max}`;
    if (min !== undefined && min > range.max)
      return { code: "value-impossible", key: "min", message: `min ${min}, and ${holds}: nothing is permitted` };
    if (max !== undefined && max < range.min)
      return { code: "value-impossible", key: "max", message: `max ${max}, and ${holds}: nothing is permitted` };
    if (
      maxStep !== undefined &&
      maxStep >= Math.min(range.max, max ?? range.max) - Math.max(range.min, min ?? range.min)
    ) {
      return {
        code: "step-without-effect",
        key: "maxStep",
        message: `maxStep ${maxStep} is more than the permitted values are apart: make it smaller, or remove it`,
      };
    }
  }
  const { limits } = point;
  const stated = [
    limits.min === undefined ? "" : `min ${limits.min}`,
    limits.max === undefined ? "" : `max ${limits.max}`,
  ]
    .filter((text) => text !== "")
    .join(", ");
  if (stated === "") return undefined;
  const wide = {
    code: "limit-wider",
    message: `the profile of ${device} gives ${point.id} ${stated}: this permits more`,
  } as const;
  if (values !== undefined) {
    const outside = values.some((value) => value < (limits.min ?? value) || value > (limits.max ?? value));
    return outside ? { ...wide, key: "values" } : undefined;
  }
  if (min === undefined && max === undefined) {
    // A mask says which bits, and a step how far: neither says how high.
    return {
      code: "limit-missing",
      key: "write",
      message: `the profile gives ${name} ${stated}, and this permits every value: state the limits here`,
    };
  }
  if (limits.min !== undefined && (min === undefined || min < limits.min))
    return { ...wide, key: min === undefined ? "write" : "min" };
  if (limits.max !== undefined && (max === undefined || max > limits.max))
    return { ...wide, key: max === undefined ? "write" : "max" };
  return undefined;
}

function lintRegisterStep(entry: EntryText, path: Path, find: LintContext["find"]): void {
  const { maxStep, min = 0, max = 65_535 } = entry;
  if (maxStep === undefined || maxStep < max - min) return;
  find(
    "step-without-effect",
    [...path, "maxStep"],
    `maxStep ${maxStep} is more than the permitted values are apart: make it smaller, or remove it`,
  );
}

const rawRanges: Readonly<Partial<Record<Point["type"], readonly [number, number]>>> = {
  bool: [0, 1],
  u16: [0, 65_535],
  s16: [-32_768, 32_767],
  u32: [0, 0xffff_ffff],
  s32: [-0x8000_0000, 0x7fff_ffff],
};

/** The engineering values that the registers of a point can hold; undefined: of this type it is not said. */
export function heldRange(point: Point): { readonly min: number; readonly max: number } | undefined {
  const raw = rawRanges[point.type];
  if (raw === undefined || typeof point.scale !== "number") return undefined;
  const [one, other] = [raw[0] * point.scale, raw[1] * point.scale];
  return { min: Math.min(one, other), max: Math.max(one, other) };
}
