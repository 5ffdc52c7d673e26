/** Minutes since midnight on the days of the week that a window begins on; `end` may be on the day after. */
export interface HoursWindow {
  /** By day of the week, 0 is Monday. */
  readonly days: readonly boolean[];
  readonly start: number;
  /** Behind the last minute: 1440 is midnight. Not greater than `start`: on the day after. */
  readonly end: number;
}

const dayNames = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"] as const;
const form = /^(?:([A-Za-z, -]+) )?(\d{1,2}):(\d{2})-(\d{1,2}):(\d{2})$/;

/** Reads `"Mon-Fri 06:00-22:00"`, `"Sat,Sun 08:00-12:00"`, `"22:00-06:00"` (every day). Undefined: it is none. */
export function parseHours(text: string): HoursWindow | undefined {
  const match = form.exec(text.trim());
  if (match === null) return undefined;
  const [, daysText, startHour, startMinute, endHour, endMinute] = match;
  const start = minutes(startHour, startMinute);
  const end = minutes(endHour, endMinute);
  const days = daysText === undefined ? dayNames.map(() => true) : parseDays(daysText);
  if (days === undefined || start === undefined || end === undefined || start === 1440 || start === end) {
    return undefined;
  }
  return { days, start, end };
}

export function hoursProblem(text: string): string | undefined {
  if (parseHours(text) !== undefined) return undefined;
  return `"${text}" is no time window: write "Mon-Fri 06:00-22:00", "Sat,Sun 08:00-12:00" or "22:00-06:00"`;
}

export function zoneProblem(zone: string): string | undefined {
  try {
    new Intl.DateTimeFormat("en", { timeZone: zone });
    return undefined;
  } catch {
    return `"${zone}" is no time zone: write a name of the IANA database, such as Europe/Berlin, or UTC`;
  }
}

function minutes(hour: string | undefined, minute: string | undefined): number | undefined {
  const total = Number(hour) * 60 + Number(minute);
  return Number(minute) < 60 && total <= 1440 ? total : undefined;
}

function parseDays(text: string): readonly boolean[] | undefined {
  const days = dayNames.map(() => false);
  for (const part of text.split(",")) {
    const [first, last, ...more] = part.split("-").map((name) => dayIndex(name.trim()));
    if (first === undefined || more.length > 0 || first < 0 || (last ?? 0) < 0) return undefined;
    for (let day = first; ; day = (day + 1) % 7) {
      days[day] = true;
      if (day === (last ?? first)) break;
    }
  }
  return days;
}

function dayIndex(name: string): number {
  return dayNames.findIndex((day) => day.toLowerCase() === name.toLowerCase());
}
