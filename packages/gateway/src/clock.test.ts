import { describe, expect, it } from "vitest";
import { systemClock, timestamp } from "./clock.ts";

describe("timestamp", () => {
  it("has microseconds", () => {
    expect(timestamp(Date.UTC(2026, 10, 21, 9, 14, 3) * 1000 + 120_771)).toBe("2026-11-21T09:14:03.120771Z");
    expect(timestamp(Date.UTC(2026, 10, 21, 9, 14, 3) * 1000 + 7)).toBe("2026-11-21T09:14:03.000007Z");
    expect(timestamp(Date.UTC(2026, 10, 21, 9, 14, 4) * 1000)).toBe("2026-11-21T09:14:04.000000Z");
  });
});

describe("systemClock", () => {
  it("agrees with the system and never goes back", () => {
    const clock = systemClock();
    let last = 0;
    for (let count = 0; count < 1000; count += 1) {
      const now = clock.wallUs();
      expect(now).toBeGreaterThanOrEqual(last);
      last = now;
    }
    expect(Math.abs(last / 1000 - Date.now())).toBeLessThan(100);
  });
});
