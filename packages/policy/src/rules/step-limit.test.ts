import { describe, expect, it } from "vitest";
import { boiler } from "../testing/site.ts";
import { type StepLimit, stepLimit, withinStep } from "./step.ts";

const allowed = (id: string | undefined, maxStep: number): unknown =>
  stepLimit({ maxStep }, id === undefined ? undefined : boiler.point(id)!)?.allowed;

const minusOne = { scale: -1, factor: { numerator: -1n, denominator: 1n } };

describe("stepLimit", () => {
  it("is what the entry says, in milliseconds, and none without maxStep", () => {
    expect(stepLimit({ perSeconds: 3 }, undefined)).toBeUndefined();
    expect(stepLimit({ maxStep: 4 }, undefined)).toStrictEqual({ allowed: 4, maxAgeMs: 5000 });
    expect(stepLimit({ maxStep: 4, perSeconds: 3, maxAgeMs: 7 }, undefined)).toEqual({
      ...{ allowed: 4, maxAgeMs: 7, withinMs: 3000 },
    });
    expect(stepLimit({ maxStep: 4 }, boiler.point("level")!)?.precision).toBe(2 ** -23);
    expect(stepLimit({ maxStep: 4 }, boiler.point("target")!)?.precision).toBeUndefined();
  });

  it("is the greater of the two whole numbers about it, whichever way the scale goes", () => {
    expect([allowed(undefined, 2), allowed(undefined, 2.5)]).toEqual([2, 3]);
    expect([allowed("target", 1), allowed("target", 1.05), allowed("target", 0.01)]).toEqual([10, 11, 1]);
    expect([allowed("inverse", 1), allowed("inverse", 1.1)]).toEqual([2, 3]);
    expect(
      [1, 1.5].map((step) => stepLimit({ maxStep: step }, { ...boiler.point("mode")!, ...minusOne })?.allowed),
    ).toEqual([1, 2]);
    expect(allowed("power", 1.5)).toBe(2);
    expect([allowed("enabled", 1), allowed("pump", 0.5), allowed("mode", 0)]).toEqual([1, 1, 0]);
    expect([allowed("energy", 2 ** 53 - 1), allowed("energy", 2 ** 53)]).toEqual([2 ** 53 - 1, 2n ** 53n]);
    expect(allowed("percent", 10)).toBe(1639);
    expect(allowed("level", 0.1)).toBeCloseTo(0.1, 6);
  });
});

describe("withinStep", () => {
  const step = (limit: number | bigint): StepLimit => ({ allowed: limit, maxAgeMs: 0 });

  it.each<readonly [limit: number | bigint, before: number | bigint, value: number | bigint, wanted: boolean]>([
    [5, 10, 15, true],
    [5, 10, 16, false],
    [5, 10, 5, true],
    [5, 10, 4, false],
    [5, -3, 2, true],
    [5, -3, 3, false],
    [0, 3, 3, true],
    [0, 1n, 0n, false],
    [5, 10n, 15n, true],
    [5, 10n, 16n, false],
    [5, 10n, 5n, true],
    [5, 10n, 4n, false],
    [5n, 10, 15, true],
    [5n, 10, 16, false],
    [5, 10n, 15, true],
    [5, 10, 4n, false],
    [2n ** 60n, 0n, 2n ** 60n, true],
    [2n ** 60n, 0n, 2n ** 60n + 1n, false],
    [2n ** 60n, 2n ** 60n + 1n, 0n, false],
    [5n, Number.NaN, 3, false],
    [5n, 3, Number.NaN, false],
    [5n, 3, 3.5, false],
    [5n, 3.5, 3, false],
    [5, Number.NaN, 3, false],
  ])("a step of %s, from %s to %s: %s", (limit, before, value, wanted) => {
    expect(withinStep(step(limit), before, value)).toBe(wanted);
  });

  it("forgives a float what it cannot hold, and no more", () => {
    const held = (value: number): number => Math.fround(value);
    const tenth: StepLimit = { ...step(held(0.1)), precision: 2 ** -23 };
    expect(withinStep(tenth, held(40.1), held(40.2))).toBe(true);
    expect(withinStep(tenth, held(40.2), held(40.1))).toBe(true);
    expect(withinStep(tenth, held(40.1), held(40.2001))).toBe(false);
    expect(withinStep(tenth, held(-40.1), held(-40.2))).toBe(true);
    expect(withinStep(tenth, held(-40.1), held(-40.2001))).toBe(false);
    expect(withinStep(tenth, held(0.05), held(-0.05))).toBe(true);
    expect(withinStep(tenth, held(0.05), held(-0.051))).toBe(false);
    expect(withinStep(tenth, Number.NaN, held(1))).toBe(false);
  });
});
