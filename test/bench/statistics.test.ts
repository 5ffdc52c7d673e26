import { describe, expect, it } from "vitest";
import { ratio, summarise } from "../../bench/shared/statistics.ts";

describe("the statistics of the bench", () => {
  it("the median is the middle one, or between the two in the middle", () => {
    expect(summarise([9, 1, 5])).toEqual({ median: 5, least: 1, most: 9 });
    expect(summarise([4, 1, 9, 2])).toEqual({ median: 3, least: 1, most: 9 });
    expect(summarise([])).toBeUndefined();
  });

  it("a ratio is taken within each round, not between the medians", () => {
    // The machine was slow in the second round, for both.
    expect(ratio([100, 10, 90], [50, 5, 60])).toEqual({ median: 2, least: 1.5, most: 2 });
  });

  it("rounds in which one of the two failed do not count", () => {
    expect(ratio([100, undefined, 30], [50, 5])).toEqual({ median: 2, least: 2, most: 2 });
    expect(ratio([undefined], [5])).toBeUndefined();
  });
});
