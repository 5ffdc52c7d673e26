import { EVERY_MINUTE, MINUTES_OF_A_WEEK } from "../language/week.ts";
import { bitAt, type Dimension } from "./dimension.ts";

const dayNames = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"] as const;
const MINUTES_OF_A_DAY = 24 * 60;

/** The minutes of the week on the clock of a time zone, and one class for a time that is not known. */
export class WeekClasses implements Dimension {
  readonly #zone: string;
  readonly unknown: bigint = bitAt(MINUTES_OF_A_WEEK);
  readonly full: bigint = EVERY_MINUTE | bitAt(MINUTES_OF_A_WEEK);

  constructor(zone: string) {
    this.#zone = zone;
  }

  words(set: bigint): string {
    const daysOf = new Map<string, number[]>();
    for (const day of dayNames.keys()) {
      const hours = hoursText(BigInt.asUintN(MINUTES_OF_A_DAY, set >> BigInt(day * MINUTES_OF_A_DAY)));
      if (hours !== "") daysOf.set(hours, [...(daysOf.get(hours) ?? []), day]);
    }
    const windows = [...daysOf].map(([hours, days]) => `${daysText(days)} ${hours}`);
    const clock = windows.length === 0 ? [] : [`${windows.join(" and ")} (${this.#zone})`];
    return [...clock, ...((set & this.unknown) === 0n ? [] : ["when the time is not known"])].join(", or ");
  }
}

function hoursText(minutes: bigint): string {
  const ranges: string[] = [];
  for (let at = 0; at < MINUTES_OF_A_DAY; at += 1) {
    if ((minutes & bitAt(at)) === 0n) continue;
    const from = at;
    while (at < MINUTES_OF_A_DAY && (minutes & bitAt(at)) !== 0n) at += 1;
    ranges.push(`${clockText(from)}-${clockText(at)}`);
  }
  return ranges.join(", ");
}

function clockText(minute: number): string {
  return `${String(Math.floor(minute / 60)).padStart(2, "0")}:${String(minute % 60).padStart(2, "0")}`;
}

/** `Mon-Fri`, or one by one. */
function daysText(days: readonly number[]): string {
  const [first = 0] = days;
  const last = days.at(-1) ?? 0;
  const isRow = days.length > 2 && last - first === days.length - 1;
  return isRow ? `${dayNames[first]}-${dayNames[last]}` : days.map((day) => dayNames[day]).join(",");
}
