import { describe, expect, it } from "vitest";
import { RefusalDebt } from "./refusal-debt.ts";

describe("refusals of one connection", () => {
  it("may come twenty at once and twenty a second", () => {
    const debt = new RefusalDebt();
    for (let count = 0; count < 20; count += 1) debt.add(1_000);
    expect(debt.isDeep(1_000)).toBe(false);
    for (let nowMs = 1_050; nowMs < 60_000; nowMs += 50) debt.add(nowMs);
    expect(debt.isDeep(60_000)).toBe(false);
  });

  it("that are more are remembered, for fifty seconds at most", () => {
    const debt = new RefusalDebt();
    for (let count = 0; count < 21; count += 1) debt.add(1_000);
    expect(debt.isDeep(1_000)).toBe(true);
    expect(debt.isDeep(1_100)).toBe(false);
    for (let count = 0; count < 1_000_000; count += 1) debt.add(2_000);
    expect(debt.isDeep(50_000)).toBe(true);
    expect(debt.isDeep(52_000)).toBe(false);
  });
});
