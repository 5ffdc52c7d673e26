import { type HoursWindow, parseHours } from "../language/hours.ts";

/** Days and hours in one time zone, of which one window has to hold. */
export interface TimeWindows {
  /** As the file has them, for explanations. */
  readonly stated: readonly string[];
  readonly zone: string;
  /** `atMs` since 1970. */
  holds(atMs: number): boolean;
}

const MINUTE_MS = 60_000;
const weekdays: readonly string[] = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"];

/**
 * The clock on the wall of `zone` decides, so a window keeps its hours through summer time: in the night in which an
 * hour does not exist it is shorter, in the night that has one twice it is longer.
 */
export function createTimeWindows(stated: readonly string[], zone: string): TimeWindows {
  const windows = stated.flatMap((text) => parseHours(text) ?? []);
  const clock = new Intl.DateTimeFormat("en-US", {
    timeZone: zone,
    weekday: "short",
    hour: "2-digit",
    minute: "2-digit",
    hourCycle: "h23",
  });
  // Offsets of time zones change on whole minutes, so one answer serves the whole minute.
  let known = Number.NaN;
  let answer = false;
  return {
    stated,
    zone,
    holds(atMs) {
      const minute = Math.floor(atMs / MINUTE_MS);
      if (minute !== known) {
        answer = anyHolds(windows, clock, minute * MINUTE_MS);
        known = minute;
      }
      return answer;
    },
  };
}

function anyHolds(windows: readonly HoursWindow[], clock: Intl.DateTimeFormat, atMs: number): boolean {
  if (Math.abs(atMs) > 8.64e15) return false;
  const part = new Map(clock.formatToParts(atMs).map(({ type, value }) => [type, value]));
  const day = weekdays.indexOf(part.get("weekday") ?? "");
  const minute = Number(part.get("hour")) * 60 + Number(part.get("minute"));
  return windows.some((window) => isIn(window, day, minute));
}

function isIn({ days, start, end }: HoursWindow, day: number, minute: number): boolean {
  if (start < end) return days[day] === true && minute >= start && minute < end;
  // It ends on the day after the one that it is named by.
  return (days[day] === true && minute >= start) || (days[(day + 6) % 7] === true && minute < end);
}
