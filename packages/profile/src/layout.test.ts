import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { builtinProfile, readProfile } from "./index.ts";

const profile = readProfile(
  `profile: 1
device: { vendor: v, model: m, kind: k }
blocks:
  - { table: holding, address: 10, count: 10 }
  - { table: holding, address: 20, count: 10, access: rw }
  - { table: holding, address: 40, count: 4 }
points:
  - { id: a, table: holding, address: 10, type: u16, access: rw }
  - { id: b, table: holding, address: 11, type: u32, access: rw }
  - { id: c, table: holding, address: 13, type: u16 }
  - { id: d, table: holding, address: 20, type: f64, access: rw }
  - { id: e, table: holding, address: 40, type: u16, access: w }
  - { id: low, table: holding, address: 12, type: u16, access: rw, alias: true }
`,
  "test.yaml",
);
const ids = (address: number, quantity: number) => profile.pointsAt("holding", address, quantity).map(({ id }) => id);

describe("where points stand", () => {
  it("finds what a range touches, in address order", () => {
    expect(ids(10, 1)).toEqual(["a"]);
    expect(ids(12, 1)).toEqual(["b", "low"]);
    expect(ids(0, 65536)).toEqual(["a", "b", "low", "c", "d", "e"]);
    expect(ids(21, 5)).toEqual(["d"]);
    expect(ids(14, 4)).toEqual([]);
    expect(profile.pointsAt("input", 10, 4)).toEqual([]);
  });

  it("agrees with looking at every point", () => {
    const meter = builtinProfile("eastron-sdm630");
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 400 }), fc.integer({ min: 1, max: 125 }), (address, quantity) => {
        const all = meter.points.filter((p) => p.address < address + quantity && p.address + p.count > address);
        expect(meter.pointsAt("input", address, quantity)).toEqual(all);
      }),
    );
  });

  it("covers a range across neighbouring blocks and nothing outside", () => {
    expect(profile.covers("holding", 10, 20)).toBe(true);
    expect(profile.covers("holding", 9, 2)).toBe(false);
    expect(profile.covers("holding", 29, 2)).toBe(false);
    expect(profile.covers("holding", 30, 1)).toBe(false);
    expect(profile.covers("holding", 43, 1)).toBe(true);
    expect(profile.covers("coil", 10, 1)).toBe(false);
    expect(builtinProfile("memory").covers("holding", 65535, 2)).toBe(false);
  });

  it("lets writable points and plain memory be written, and nothing else", () => {
    expect(profile.writable("holding", 10, 3)).toBe(true);
    expect(profile.writable("holding", 12, 2)).toBe(false);
    expect(profile.writable("holding", 14, 1)).toBe(false);
    expect(profile.writable("holding", 20, 10)).toBe(true);
    expect(profile.writable("holding", 19, 5)).toBe(false);
    expect(profile.writable("holding", 40, 2)).toBe(false);
    expect(profile.writable("holding", 50, 1)).toBe(false);
  });

  it("does not tell what is written only", () => {
    expect(profile.readable("holding", 10, 10)).toBe(true);
    expect(profile.readable("holding", 40, 1)).toBe(false);
    expect(profile.readable("holding", 41, 1)).toBe(true);
  });

  it("names the point that a range splits, unless an alias is meant", () => {
    expect(profile.partial("holding", 10, 3)).toBeUndefined();
    expect(profile.partial("holding", 11, 1)?.id).toBe("b");
    expect(profile.partial("holding", 12, 1)).toBeUndefined();
    expect(profile.partial("holding", 19, 3)?.id).toBe("d");
  });
});
