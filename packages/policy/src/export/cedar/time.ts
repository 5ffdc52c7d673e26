import { hoursOf } from "../../language/check-when.ts";
import { type HoursWindow, parseHours } from "../../language/hours.ts";
import type { RuleText } from "../../language/text.ts";
import { allOf, anyOf, cedarSet, cedarString } from "./text.ts";

/** What the clock on the wall of a time zone says: day of the week (0 is Monday) and minute of the day. */
export function localTime(atMs: number, zone: string): { readonly day: number; readonly minute: number } {
  // Sweden writes 2026-03-29 03:30:00.
  const text = new Date(atMs).toLocaleString("sv-SE", { timeZone: zone });
  const [year, month, date, hour, minute] = text.split(/[- :]/).map(Number) as [number, number, number, number, number];
  return { day: (new Date(Date.UTC(year, month - 1, date)).getUTCDay() + 6) % 7, minute: hour * 60 + minute };
}

export function hoursText({ when }: RuleText): string | undefined {
  const { hours, tz } = when ?? {};
  if (hours === undefined || tz === undefined) return undefined;
  const local = `context.local[${cedarString(tz)}]`;
  const windows = hoursOf(hours).flatMap((text) => parseHours(text) ?? []);
  return allOf([
    `context has local && context.local has ${cedarString(tz)}`,
    anyOf(windows.map((window) => windowText(window, local))),
  ]);
}

/** A window that does not end after it begins ends on the day after the one it is named by. */
function windowText({ days, start, end }: HoursWindow, local: string): string {
  const on = (shift: number) => {
    const named = [0, 1, 2, 3, 4, 5, 6].filter((day) => days[(day + 7 - shift) % 7] === true);
    return `${cedarSet(named)}.contains(${local}.day)`;
  };
  if (start < end) return `(${on(0)} && ${local}.minute >= ${start} && ${local}.minute < ${end})`;
  return `((${on(0)} && ${local}.minute >= ${start}) || (${on(1)} && ${local}.minute < ${end}))`;
}
