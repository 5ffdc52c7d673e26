import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { formatTime, isTime } from "./time.ts";

describe("formatTime", () => {
  it("writes UTC with microseconds", () => {
    expect(formatTime(Date.UTC(2026, 10, 21, 9, 14, 3) + 120.771)).toBe("2026-11-21T09:14:03.120771Z");
    expect(formatTime(0)).toBe("1970-01-01T00:00:00.000000Z");
  });

  it("agrees with Date to the millisecond, whatever came before", () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 4e12 }), (ms) => {
        expect(formatTime(ms)).toBe(`${new Date(ms).toISOString().slice(0, -1)}000Z`);
        expect(isTime(formatTime(ms))).toBe(true);
      }),
    );
    expect(isTime("2026-11-21T09:14:03Z")).toBe(false);
    expect(isTime(3)).toBe(false);
  });
});
