import { InvalidArgumentError } from "commander";

const units: Readonly<Record<string, number>> = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000, w: 604_800_000 };
const DAY_MS = 86_400_000;
const CLOCK = /^\d\d:\d\d(:\d\d)?$/;

/**
 * A moment as people write it, in milliseconds since 1970: "2026-11-21T09:14:03Z" or a part of it from the left (UTC
 * where no zone is named), "09:14" of today (UTC), "2h ago" or "-2h", "today" and "yesterday" (when they began, UTC),
 * "now".
 */
export function timeText(nowMs: number): (text: string) => number {
  const today = Math.floor(nowMs / DAY_MS) * DAY_MS;
  const day = new Date(today).toISOString().slice(0, 10);
  const named = new Map([
    ["now", nowMs],
    ["today", today],
    ["yesterday", today - DAY_MS],
  ]);
  return (text) => {
    const moment =
      named.get(text.toLowerCase()) ?? agoOf(text, nowMs) ?? isoOf(CLOCK.test(text) ? `${day}T${text}` : text);
    if (moment === undefined) {
      throw new InvalidArgumentError(
        'A time such as 2026-11-21, 2026-11-21T09:14:03Z, 09:14, today, or "2h ago" is wanted.',
      );
    }
    return moment;
  };
}

function agoOf(text: string, nowMs: number): number | undefined {
  const match = /^(?:-(\d{1,6})([smhdw])|(\d{1,6})\s*([smhdw]) ago)$/.exec(text);
  if (match === null) return undefined;
  const [, dashed, dashedUnit, count = dashed, unit = dashedUnit] = match;
  return nowMs - Number(count) * (units[unit ?? ""] ?? 0);
}

function isoOf(text: string): number | undefined {
  const match = /^(\d{4}-\d\d(?:-\d\d)?)(?:[T ](\d\d:\d\d(?::\d\d(?:\.\d{1,6})?)?)(Z|[+-]\d\d:\d\d)?)?$/.exec(text);
  if (match === null) return undefined;
  const [, date = "", time = "00:00", zone = "Z"] = match;
  const ms = Date.parse(`${date}${date.length === 7 ? "-01" : ""}T${time}${zone}`);
  return Number.isNaN(ms) ? undefined : ms;
}
