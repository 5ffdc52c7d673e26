import { describe, expect, it } from "vitest";
import { Delivered } from "./delivered.ts";

describe("what a receiver can be taken to have", () => {
  it("is what the connection took some time ago", () => {
    const delivered = new Delivered(5, 1_000);
    expect(delivered.next(0)).toBe(5);
    for (let number = 0; number < 100; number += 1) delivered.took(6 + number, number * 10);
    expect(delivered.next(1_000)).toBe(5);
    const settled = delivered.next(1_500);
    expect(settled).toBeGreaterThan(5);
    // Nothing counts before its time.
    expect(settled).toBeLessThanOrEqual(6 + 50);
    expect(delivered.next(3_000)).toBe(105);
  });

  it("is all of it when the connection ends in order, and what had settled when it does not", () => {
    const delivered = new Delivered(0, 1_000);
    delivered.took(10, 0);
    delivered.took(20, 2_000);
    expect(delivered.ended(false, 2_100)).toBe(10);
    delivered.took(15, 2_200);
    expect(delivered.ended(true, 2_300)).toBe(15);
    expect(delivered.next(9_000)).toBe(15);
  });
});
