import { readProfile } from "@modwarden/profile";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Registers } from "./registers.ts";
import { SimulatedUnit } from "./unit.ts";

const profile = readProfile(
  `profile: 1
device: { vendor: v, model: m, kind: k }
blocks:
  - { table: holding, address: 0, count: 40 }
  - { table: coil, address: 0, count: 8 }
points:
  - { id: word, table: holding, address: 0, type: u16, scale: 0.1, nan: [0xFFFF] }
  - { id: signed, table: holding, address: 1, type: s16, scale: -1 }
  - { id: float, table: holding, address: 2, type: f32 }
  - { id: digits, table: holding, address: 4, count: 1, type: bcd }
  - { id: long, table: holding, address: 6, type: s64 }
  - { id: seconds, table: holding, address: 10, type: epoch32 }
  - { id: lamp, table: coil, address: 3 }
`,
  "d.yaml",
);
const unit = new SimulatedUnit("d", 1, profile);
function shown(id: string, value: number) {
  unit.assignNumber(unit.point(id), value);
  return unit.number(unit.point(id));
}

describe("what a rule computes, in a register", () => {
  it.each([
    ["word", 12.34, 12.3],
    // 0xFFFF means "no value", so the greatest that it can show is one less.
    ["word", 1e9, 6553.4],
    ["word", -5, 0],
    ["signed", 1e9, 32768],
    ["signed", -1e9, -32767],
    ["float", 1.5, 1.5],
    ["digits", 20_000, 9999],
    ["long", 1e30, 2 ** 63],
    ["seconds", 1.6, 2],
    ["lamp", 0.5, 1],
    ["lamp", 0, 0],
  ])("%s := %d shows %d", (id, value, expected) => {
    expect(shown(id, value)).toBe(expected);
  });

  it("stays as it is when the result is not a number", () => {
    expect(shown("word", 5)).toBe(5);
    expect(shown("word", Number.NaN)).toBe(5);
  });
});

describe("registers", () => {
  it("hold what was written and are zero elsewhere", () => {
    const registers = new Registers();
    const mirror = new Map<number, number>();
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 65535 }), fc.integer({ min: 0, max: 65535 }), (address, value) => {
        registers.set("holding", address, value);
        mirror.set(address, value);
        for (const [known, wanted] of mirror) expect(registers.get("holding", known)).toBe(wanted);
        expect(registers.get("input", address)).toBe(0);
      }),
    );
    expect(registers.read("holding", 65535, 1)).toEqual(Uint16Array.of(mirror.get(65535) ?? 0));
  });
});
