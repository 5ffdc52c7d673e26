import type { Access } from "@modwarden/access";
import type { Watch } from "@modwarden/policy";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createLastValues } from "../values.ts";
import { Movement } from "./movement.ts";

const watch: Watch = {
  ...{ device: "drive", table: "holding", address: 10, quantity: 1, withinMs: 3200 },
  raw: (registers) => registers[0],
};
const access = (address: number, values: readonly number[], write = true): Access => ({
  ...{ device: "drive", unit: 3, table: "holding", address, quantity: values.length, write, values },
});

function started(watches: readonly Watch[] = [watch]) {
  const movement = new Movement();
  const values = createLastValues();
  movement.follow(watches, () => values, 0);
  return {
    movement,
    values,
    saw(value: number, nowMs: number, address = 10) {
      values.set("holding", address, value, nowMs);
      movement.seen("drive", [access(address, [value])], values, nowMs);
    },
    extremes: (nowMs: number, withinMs = 3200) => movement.extremes("drive", "holding", 10, withinMs, nowMs),
  };
}

describe("the movement of a point", () => {
  it("is not known before anything was seen, nor of points that nobody follows", () => {
    const { extremes, movement } = started();
    expect(extremes(10)).toBeUndefined();
    expect(movement.extremes("drive", "holding", 11, 3200, 10)).toBeUndefined();
    expect(movement.extremes("meter", "holding", 10, 3200, 10)).toBeUndefined();
  });

  it("goes back as far as asked, to what the point was before that", () => {
    const { extremes, saw } = started();
    saw(40, 1000);
    saw(45, 100_000);
    expect(extremes(100_000)).toEqual({ least: 40, most: 45 });
    expect(extremes(103_100)).toEqual({ least: 40, most: 45 });
    expect(extremes(103_300)).toEqual({ least: 45, most: 45 });
  });

  it("includes what may have been written, and then what it turns out to be", () => {
    const { extremes, movement, saw } = started();
    saw(40, 1000);
    movement.attempted("drive", [access(8, [1, 2, 90])], 2000);
    expect(extremes(50_000)).toEqual({ least: 40, most: 90 });
    saw(40, 50_000);
    expect(extremes(53_000)).toEqual({ least: 40, most: 90 });
    expect(extremes(53_400)).toEqual({ least: 40, most: 40 });
  });

  it("is of a shorter time when a rule asks for less than another", () => {
    const { extremes, saw } = started();
    saw(40, 1000);
    saw(50, 1500);
    saw(60, 2000);
    expect(extremes(2100, 300)).toEqual({ least: 50, most: 60 });
    expect(extremes(2100, 3300)).toBeUndefined();
  });

  it("is not told from a part of a point", () => {
    const wide: Watch = { ...watch, quantity: 2, raw: (registers) => registers[0]! * 65_536 + registers[1]! };
    const { extremes, movement, saw, values } = started([wide]);
    saw(1, 100);
    saw(2, 100, 11);
    expect(extremes(200)).toBeUndefined();
    movement.seen("drive", [access(9, [0, 1, 2], false)], values, 300);
    expect(extremes(300)).toEqual({ least: 65_538, most: 65_538 });
  });

  it("stands when another policy follows the same point, also for longer, and begins with what is known", () => {
    const { extremes, movement, saw, values } = started();
    saw(40, 1000);
    saw(50, 1100);
    const longer = { ...watch, withinMs: 6400 };
    const other = { ...watch, address: 20 };
    values.set("holding", 20, 7, 1100);
    movement.follow([watch, longer, other], () => values, 1200);
    expect(extremes(1300)).toEqual({ least: 40, most: 50 });
    expect(extremes(1300, 6400)).toEqual({ least: 40, most: 50 });
    expect(movement.extremes("drive", "holding", 20, 3200, 1300)).toEqual({ least: 7, most: 7 });
    movement.follow([], () => values, 1400);
    expect(extremes(1400)).toBeUndefined();
  });

  it("never leaves out a value that the point had within the window, and none older than a span beyond it", () => {
    const steps = fc.array(fc.tuple(fc.integer({ min: 1, max: 5000 }), fc.integer({ min: 0, max: 100 })), {
      minLength: 1,
      maxLength: 12,
    });
    fc.assert(
      fc.property(steps, fc.integer({ min: 0, max: 5000 }), (moves, later) => {
        const { extremes, saw } = started();
        const history: { readonly from: number; readonly value: number }[] = [];
        let nowMs = 1;
        for (const [gap, value] of moves) {
          nowMs += gap;
          saw(value, nowMs);
          history.push({ from: nowMs, value });
        }
        nowMs += later;
        const within = (windowMs: number): number[] =>
          history
            .filter((_, index) => (history[index + 1]?.from ?? Number.POSITIVE_INFINITY) >= nowMs - windowMs)
            .map(({ value }) => value);
        const { least, most } = extremes(nowMs) ?? { least: Number.NaN, most: Number.NaN };
        expect(least).toBeLessThanOrEqual(Math.min(...within(3200)));
        expect(most).toBeGreaterThanOrEqual(Math.max(...within(3200)));
        expect(least).toBeGreaterThanOrEqual(Math.min(...within(3300)));
        expect(most).toBeLessThanOrEqual(Math.max(...within(3300)));
      }),
      { numRuns: 300 },
    );
  });
});
