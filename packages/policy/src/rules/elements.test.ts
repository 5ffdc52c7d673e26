import type { Access } from "@modwarden/access";
import { describe, expect, it } from "vitest";
import { addressOf, fileElement, firstElement, lastElement, sizeOf, spaceOf } from "./elements.ts";

const access = (change: Partial<Access>): Access => ({
  ...{ device: null, unit: 1, table: null, address: 0, quantity: 1, write: false },
  ...change,
});

describe("firstElement", () => {
  it.each<readonly [code: number, change: Partial<Access>, wanted: number]>([
    [3, { table: "holding", address: 5 }, 5],
    [3, { table: "holding", address: 65_535 }, 65_535],
    [3, { table: "holding", address: 65_535, quantity: 2 }, -1],
    [3, { table: "holding", address: 65_536 }, -1],
    [3, { table: "holding", address: 0, quantity: 65_536 }, 0],
    [3, { table: "holding", quantity: 0 }, -1],
    [3, { table: "holding", address: -1 }, -1],
    [3, { table: "holding", address: 1.5 }, -1],
    [3, { table: "holding", address: Number.NaN }, -1],
    [3, { table: "holding", quantity: 1.5 }, -1],
    [3, { table: "holding", file: 4 }, -1],
    // Files 1 to 65535, records 0 to 9999 of each.
    [20, { file: 1 }, 10_000],
    [20, { file: 4, address: 7, quantity: 3 }, 40_007],
    [21, { file: 4, address: 7 }, 40_007],
    [20, { file: 65_535, address: 9_999 }, 655_359_999],
    [20, { file: 0 }, -1],
    [20, { file: 65_536 }, -1],
    [20, { file: 1.5 }, -1],
    [20, { file: Number.NaN }, -1],
    [20, { file: 4, address: 9_999, quantity: 2 }, -1],
    [20, { file: 4, address: 9_998, quantity: 2 }, 49_998],
    [20, { file: 4, quantity: 0 }, -1],
    [20, { file: 4, address: -1 }, -1],
    [20, { quantity: 0 }, 0],
    [8, { file: 4 }, -1],
    [22, { file: 4 }, -1],
    [24, { file: 4 }, -1],
    // A FIFO is one address.
    [24, { address: 100 }, 100],
    [24, { address: 65_535 }, 65_535],
    [24, { address: 65_536 }, -1],
    [24, { address: 100, quantity: 0 }, -1],
    [24, { address: 100, quantity: 2 }, -1],
    // What has no registers is one element.
    [43, { quantity: 0 }, 0],
    [43, { quantity: 1 }, -1],
    [43, { address: 4, quantity: 0 }, -1],
    [43, { address: 4, quantity: 1 }, -1],
  ])("of function %i and %j is %i", (code, change, wanted) => {
    expect(firstElement(code, access(change))).toBe(wanted);
  });
});

describe("the elements of a function", () => {
  it("have their own space where they are files or FIFOs", () => {
    expect([19, 20, 21, 22, 23, 24, 25].map(spaceOf)).toEqual([
      ...["none", "files", "files", "none", "none", "fifo", "none"],
    ]);
    expect([fileElement(0, 0), fileElement(1, 0), fileElement(2, 9_999)]).toEqual([0, 10_000, 29_999]);
  });

  it("are as many as there can be", () => {
    expect([sizeOf(20, null), sizeOf(21, null)]).toEqual([655_360_000, 655_360_000]);
    expect([sizeOf(24, null), sizeOf(43, null), sizeOf(3, "holding"), sizeOf(20, "holding")]).toEqual([
      ...[65_536, 65_536, 65_536, 65_536],
    ]);
  });

  it("are counted from the first, and stand for addresses and records", () => {
    expect([0, 1, 2, 125].map((quantity) => lastElement(access({ quantity }), 40))).toEqual([40, 40, 41, 164]);
    expect(addressOf(access({ file: 4, address: 7 }), 40_007, 40_009)).toBe(9);
  });
});
