import { describe, expect, it } from "vitest";
import { permittedRegisters, rangesIn } from "./registers.ts";

const stated = { functions: [6] };
const only = (...values: readonly number[]): bigint => permittedRegisters({ values: new Set(values), stated });

describe("permittedRegisters", () => {
  it("leaves out listed values that no register holds", () => {
    expect(rangesIn(only(3, 4.5, 5), 9)).toEqual([
      [3, 3],
      [5, 5],
    ]);
  });

  it("says the same after it forgot what it knew", () => {
    const before = only(7);
    for (let max = 0; max < 513; max += 1) permittedRegisters({ values: new Set([max]), stated });
    expect(only(7)).toBe(before);
    expect(before).toBe(1n << 7n);
  });
});

describe("rangesIn", () => {
  const set = only(1, 2, 5, 9);
  it("gives the ranges where they are few enough to be read", () => {
    expect(rangesIn(set, 3)).toEqual([
      [1, 2],
      [5, 5],
      [9, 9],
    ]);
    expect(rangesIn(set, 2)).toBeUndefined();
  });
});
