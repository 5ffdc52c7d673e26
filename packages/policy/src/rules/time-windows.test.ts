import { describe, expect, it } from "vitest";
import { hoursProblem, parseHours, zoneProblem } from "../language/hours.ts";
import { createTimeWindows } from "./time-windows.ts";

const holds = (hours: string, zone: string, at: string): boolean =>
  createTimeWindows([hours], zone).holds(Date.parse(at));

describe("time windows", () => {
  it.each([
    ["Mon-Fri 06:00-22:00", "UTC", "2026-11-23T06:00:00Z", true],
    ["Mon-Fri 06:00-22:00", "UTC", "2026-11-23T05:59:59.999Z", false],
    ["Mon-Fri 06:00-22:00", "UTC", "2026-11-27T21:59:59Z", true],
    ["Mon-Fri 06:00-22:00", "UTC", "2026-11-27T22:00:00Z", false],
    ["Mon-Fri 06:00-22:00", "UTC", "2026-11-28T12:00:00Z", false],
    ["Fri 22:00-06:00", "UTC", "2026-11-27T23:00:00Z", true],
    ["Fri 22:00-06:00", "UTC", "2026-11-28T05:59:00Z", true],
    ["Fri 22:00-06:00", "UTC", "2026-11-28T06:00:00Z", false],
    ["Fri 22:00-06:00", "UTC", "2026-11-27T05:00:00Z", false],
    ["Fri 22:00-06:00", "UTC", "2026-11-27T22:00:00Z", true],
    ["Fri 22:00-06:00", "UTC", "2026-11-26T23:00:00Z", false],
    ["Fri 22:00-06:00", "UTC", "2026-11-29T05:00:00Z", false],
    ["Sun 20:00-04:00", "UTC", "2026-11-23T03:00:00Z", true],
    ["Sat-Mon 00:00-24:00", "UTC", "2026-11-22T23:59:00Z", true],
    ["Sat-Mon 00:00-24:00", "UTC", "2026-11-24T00:00:00Z", false],
    ["Tue, Thu 08:00-09:00", "UTC", "2026-11-26T08:30:00Z", true],
    ["Tue, Thu 08:00-09:00", "UTC", "2026-11-25T08:30:00Z", false],
  ])("%s in %s at %s: %s", (hours, zone, at, wanted) => {
    expect(holds(hours, zone, at)).toBe(wanted);
  });

  it("hold when one of them does", () => {
    const windows = createTimeWindows(["Mon 06:00-07:00", "Tue 06:00-07:00"], "UTC");
    expect(["23", "24", "25"].map((day) => windows.holds(Date.parse(`2026-11-${day}T06:30:00Z`)))).toEqual([
      ...[true, true, false],
    ]);
  });

  it("goes by the clock on the wall, through both changes of summer time", () => {
    const berlin = (at: string): boolean => holds("06:00-22:00", "Europe/Berlin", at);
    // Winter: 06:00 is 05:00 UTC. Summer: 04:00 UTC.
    expect([berlin("2026-03-28T04:59:00Z"), berlin("2026-03-28T05:00:00Z")]).toEqual([false, true]);
    expect([berlin("2026-03-29T03:59:00Z"), berlin("2026-03-29T04:00:00Z")]).toEqual([false, true]);
    expect([berlin("2026-10-24T20:00:00Z"), berlin("2026-10-25T20:30:00Z")]).toEqual([false, true]);
    // The hour after 02:00 is not there in one night, and there twice in the other.
    const night = (at: string): boolean => holds("02:00-03:00", "Europe/Berlin", at);
    expect(["00:30", "01:00", "01:30"].map((time) => night(`2026-03-29T${time}:00Z`))).toEqual([false, false, false]);
    expect(["00:30", "01:30", "02:00"].map((time) => night(`2026-10-25T${time}:00Z`))).toEqual([true, true, false]);
  });

  it("answers again in the next minute, and back in an earlier one", () => {
    const windows = createTimeWindows(["06:00-06:01"], "UTC");
    const at = (time: string): boolean => windows.holds(Date.parse(`2026-11-23T${time}Z`));
    expect([at("06:00:59.999"), at("06:01:00"), at("06:00:00"), at("05:59:59.999")]).toEqual([
      true,
      false,
      true,
      false,
    ]);
    expect(windows.holds(Number.MAX_VALUE)).toBe(false);
  });

  it("go to the last minute that has a date", () => {
    const saturday = createTimeWindows(["Sat 00:00-00:01"], "UTC");
    expect(new Date(8.64e15).getUTCDay()).toBe(6);
    expect([saturday.holds(8.64e15), saturday.holds(8.64e15 + 60_000)]).toEqual([true, false]);
  });
});

describe("hours of a file", () => {
  it.each([
    "Mon-Fri",
    "06:00",
    "25:00-26:00",
    "06:60-07:00",
    "Mox 06:00-07:00",
    "06:00-06:00",
    "24:00-06:00",
    "Mon-Tue-Wed 06:00-07:00",
    "",
  ])("%s is no window", (text) => {
    expect(parseHours(text)).toBeUndefined();
    expect(hoursProblem(text)).toBeDefined();
  });

  it("knows which time zones there are", () => {
    expect(zoneProblem("Europe/Berlin")).toBeUndefined();
    expect(zoneProblem("UTC")).toBeUndefined();
    expect(zoneProblem("Berlin")).toBeDefined();
  });
});
