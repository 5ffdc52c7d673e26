import { describe, expect, it } from "vitest";
import { compareAll, THRESHOLD, welch } from "../../bench/identity/welch.ts";

/** Numbers that look random and are the same every time. */
function noise(count: number, seed: number, shift = 0): readonly number[] {
  let state = seed;
  return Array.from({ length: count }, () => {
    state = (state * 1_103_515_245 + 12_345) % 2_147_483_648;
    return (state / 2_147_483_648) * 100 + shift;
  });
}

describe("Welch's t of the timing bench", () => {
  it("agrees with an example that was reckoned by hand", () => {
    // Means 2 and 4, variances 1 and 4, three values each: (2 - 4) / sqrt(1/3 + 4/3).
    expect(welch([1, 2, 3], [2, 4, 6])).toBeCloseTo(-2 / Math.sqrt(5 / 3), 12);
  });

  it("tells apart what differs by a fifth of its spread, and not what does not differ", () => {
    const same = compareAll(
      new Map([
        ["a", noise(2000, 1)],
        ["b", noise(2000, 7)],
      ]),
    );
    const shifted = compareAll(
      new Map([
        ["a", noise(2000, 1)],
        ["b", noise(2000, 7, 6)],
      ]),
    );
    expect(Math.abs(same[0]?.t ?? 99)).toBeLessThan(THRESHOLD);
    expect(Math.abs(shifted[0]?.t ?? 0)).toBeGreaterThan(THRESHOLD);
  });

  it("finds a small shift under rare long pauses once the slowest tenth is left out", () => {
    const paused = (values: readonly number[]): readonly number[] =>
      values.map((value, at) => (at % 37 === 0 ? value + 20_000 : value));
    const [compared] = compareAll(
      new Map([
        ["a", paused(noise(2000, 1))],
        ["b", paused(noise(2000, 7, 8))],
      ]),
    );
    expect(Math.abs(compared?.t ?? 99)).toBeLessThan(THRESHOLD);
    expect(Math.abs(compared?.tCropped ?? 0)).toBeGreaterThan(THRESHOLD);
  });
});
