import { describe, expect, it } from "vitest";
import { QuietTime } from "./quiet-time.ts";

describe("a quiet time", () => {
  it("is not there before the first look", () => {
    expect(new QuietTime().covers(0)).toBe(false);
  });

  it("ends when the first is due, and soon in any case", () => {
    const quiet = new QuietTime();
    quiet.looked(1_000, 3_000);
    expect([1_000, 2_999, 3_000].map((now) => quiet.covers(now))).toEqual([true, true, false]);
    quiet.looked(1_000, null);
    expect([10_999, 11_000].map((now) => quiet.covers(now))).toEqual([true, false]);
  });

  it("says nothing of a clock that was set back", () => {
    const quiet = new QuietTime();
    quiet.looked(5_000, null);
    expect(quiet.covers(4_999)).toBe(false);
  });
});
