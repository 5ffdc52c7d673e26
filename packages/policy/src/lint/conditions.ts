import type { Path } from "@modwarden/document";
import { decodePoint } from "@modwarden/profile";
import { hoursOf, interlocksOf } from "../language/check-when.ts";
import { parseHours } from "../language/hours.ts";
import type { InterlockText, RuleText } from "../language/text.ts";
import { EVERY_MINUTE, openMinutes } from "../language/week.ts";
import type { InterlockPoint } from "../rules/interlock.ts";
import type { CompiledRule } from "../rules/rule.ts";
import type { LintContext } from "./finding.ts";
import { heldRange } from "./limits.ts";

/** Conditions that always hold, or never. */
export function lintConditions(rule: RuleText, compiled: CompiledRule, path: Path, { find }: LintContext): void {
  const { hours, interlock } = rule.when ?? {};
  if (hours !== undefined) {
    const open = openMinutes(hoursOf(hours).flatMap((text) => parseHours(text) ?? []));
    if (open === EVERY_MINUTE)
      find("hours-always", [...path, "when", "hours"], "these hours are the whole week: remove them");
  }
  const several = Array.isArray(interlock);
  for (const [index, stated] of interlocksOf(interlock).entries()) {
    const at = [...path, "when", "interlock", ...(several ? [index] : [])];
    const { named, points: byDevice = new Map() } = compiled.interlocks?.[index] ?? {};
    const points: readonly InterlockPoint[] = named === undefined ? [...byDevice.values()] : [named];
    const never = points.length > 0 && points.every((point) => !canHold(stated, point));
    if (never) {
      const effect =
        rule.permit === undefined ? "the rule forbids only while the point is not known" : "nothing is permitted";
      find(
        "interlock-never",
        [...at, "point"],
        `${stated.point} cannot hold what is asked of it, so ${effect}: correct it`,
      );
    }
  }
  const { rate } = rule;
  if (rate !== undefined && rate.burst === undefined && rate.requests < 1) {
    find(
      "rate-below-one",
      [...path, "rate", "requests"],
      "less than one request: the bucket holds one all the same; say so with burst: 1",
    );
  }
}

function canHold(stated: InterlockText, found: InterlockPoint): boolean {
  const { equals, not, min = Number.NEGATIVE_INFINITY, max = Number.POSITIVE_INFINITY, values } = stated;
  const listed = equals === undefined ? values : [equals];
  const range = found.bit === undefined ? heldRange(found.point) : { min: 0, max: 1 };
  if (range === undefined) return true;
  if (listed === undefined) {
    const [least, most] = [Math.max(min, range.min), Math.min(max, range.max)];
    return least <= most && !(least === most && least === Number(not));
  }
  const wanted = listed
    .map(Number)
    .filter((value) => value >= min && value <= max && (values?.includes(value) ?? true));
  return wanted.some((value) => value !== (not === undefined ? undefined : Number(not)) && isHeld(value, found, range));
}

/** Whether the registers of a point can read as exactly this number: 0.35 never stands in one of tenths. */
function isHeld(
  value: number,
  { profile, point, bit }: InterlockPoint,
  range: { readonly min: number; readonly max: number },
): boolean {
  if (value < range.min || value > range.max) return false;
  if (bit !== undefined) return Number.isInteger(value);
  if ((point.type !== "u16" && point.type !== "s16") || typeof point.scale !== "number") return true;
  const near = Math.round(value / point.scale);
  return [near - 1, near, near + 1].some((raw) => {
    const read = decodePoint(profile, point, () => raw & 0xffff).value;
    // With turned bytes another register holds it, so the word itself says nothing.
    return Number(read) === value || point.order === "BADC" || point.order === "DCBA";
  });
}
