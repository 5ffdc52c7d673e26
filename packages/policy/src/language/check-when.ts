import type { Path } from "@modwarden/document";
import type { Report } from "./check-entry.ts";
import { hoursProblem, zoneProblem } from "./hours.ts";
import { parseNetwork } from "./network.ts";
import type { InterlockText, RuleText } from "./text.ts";

/** What can be wrong with `when` by itself. */
export function checkWhen({ when }: RuleText, rulePath: Path, report: Report): void {
  if (when === undefined) return;
  const path = [...rulePath, "when"];
  for (const [index, source] of (when.sources ?? []).entries()) {
    if (parseNetwork(source) === undefined) {
      report([...path, "sources", index], `"${source}" is no network: write one such as 10.2.0.0/16`);
    }
  }
  const { hours, tz } = when;
  if (hours === undefined) {
    if (tz !== undefined) report([...path, "tz"], "tz is the time zone of hours, and there are none");
  } else {
    if (tz === undefined)
      report([...path, "hours"], 'hours need tz: the time zone they are meant in, such as "Europe/Berlin"');
    const several = Array.isArray(hours);
    for (const [index, window] of hoursOf(hours).entries()) {
      const problem = hoursProblem(window);
      if (problem !== undefined) report(several ? [...path, "hours", index] : [...path, "hours"], problem);
    }
  }
  const unknownZone = tz === undefined ? undefined : zoneProblem(tz);
  if (unknownZone !== undefined) report([...path, "tz"], unknownZone);
  const several = Array.isArray(when.interlock);
  for (const [index, interlock] of interlocksOf(when.interlock).entries()) {
    checkInterlock(interlock, several ? [...path, "interlock", index] : [...path, "interlock"], report);
  }
}

export function hoursOf(hours: string | readonly string[]): readonly string[] {
  return typeof hours === "string" ? [hours] : hours;
}

export function interlocksOf(
  interlock: InterlockText | readonly InterlockText[] | undefined,
): readonly InterlockText[] {
  if (interlock === undefined) return [];
  return "point" in interlock ? [interlock] : interlock;
}

function checkInterlock(interlock: InterlockText, path: Path, report: Report): void {
  const { equals, not, min, max, values } = interlock;
  if ([equals, not, min, max, values].every((part) => part === undefined)) {
    report(path, "an interlock says what has to stand in the point: equals, not, min, max or values");
  }
  if (min !== undefined && max !== undefined && min > max) {
    report([...path, "min"], `min ${min} is above max ${max}: it would never hold`);
  }
  const parts = interlock.point.split(".");
  if (parts.length > 3 || parts.some((part) => part === "")) {
    report([...path, "point"], `"${interlock.point}": a point is written point, device.point, or device.point.bit`);
  }
}
