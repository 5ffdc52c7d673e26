import type { HoursWindow } from "./hours.ts";

export const MINUTES_OF_A_WEEK: number = 7 * 24 * 60;
const MINUTES_OF_A_DAY = 24 * 60;

/** The minutes of the week, from Monday 00:00 on the clock of the zone, that the windows leave open; one bit each. */
export function openMinutes(windows: readonly HoursWindow[]): bigint {
  let open = 0n;
  for (const { days, start, end } of windows) {
    const length = end > start ? end - start : end + MINUTES_OF_A_DAY - start;
    for (const [day, begins] of days.entries()) {
      if (!begins) continue;
      const from = day * MINUTES_OF_A_DAY + start;
      const bits = ((1n << BigInt(length)) - 1n) << BigInt(from);
      // What ends on the Monday after is at the beginning of the week.
      open |= (bits | (bits >> BigInt(MINUTES_OF_A_WEEK))) & EVERY_MINUTE;
    }
  }
  return open;
}

export const EVERY_MINUTE: bigint = (1n << BigInt(MINUTES_OF_A_WEEK)) - 1n;
