import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { compileExpression, type Scope } from "./compile.ts";
import { ExpressionError } from "./error.ts";
import { parseExpression } from "./parse.ts";

const values = new Map(Object.entries({ a: 7, b: 2, zero: 0, word: 0x8041, "drive.power": 1500 }));
const scope: Scope = {
  clock: { t: 15, dt: 0.5 },
  random: () => 0.75,
  value: (name, unit) => {
    const value = values.get(unit === undefined ? name : `${unit}.${name}`);
    return value === undefined ? undefined : () => value;
  },
  fault: (name) => () => name === "trip",
  bit: (name) =>
    new Map([
      ["ready", 0],
      ["alarm", 3],
      ["running", 11],
    ]).get(name),
};
const evaluate = (text: string) => compileExpression(parseExpression(text), scope)();

function placeOfError(text: string): number {
  try {
    evaluate(text);
  } catch (error) {
    if (!(error instanceof ExpressionError)) throw error;
    expect(error.code).toBe("ERR_EXPRESSION");
    return error.at;
  }
  throw new Error("expected an ExpressionError");
}

describe("expressions", () => {
  it.each([
    ["1 + 2 * 3", 7],
    ["(1 + 2) * 3", 9],
    ["10 - 4 - 3", 3],
    ["12 / 4 / 3", 1],
    ["-2 * -3", 6],
    ["7 % 4", 3],
    ["0x1F + 1.5e1 + .5", 46.5],
    ["a - b", 5],
    ["drive.power / 3", 500],
    ["t + dt", 15.5],
    ["1 < 2", 1],
    ["2 <= 1", 0],
    ["a == 7 and b != 7", 1],
    ["a > 7 or b >= 2", 1],
    ["a > 7 || b < 2 && 1", 0],
    ["1 or 0 and 0", 1],
    ["not a > 8", 1],
    ["not zero and not zero", 1],
    ["!zero + 1", 2],
    ["zero ? 1 : b > 1 ? 2 : 3", 2],
    ["0 / 0 ? 1 : 2", 2],
    ["bit(word, 6)", 1],
    ["bit(word, 5)", 0],
    ["bit(0x80000000, 31)", 1],
    ["bits(ready: 1, alarm: zero, running: a > 1)", 0x801],
    ["fault(trip) and not fault('other')", 1],
    ["ramp(0, 100, 10)", 5],
    ["ramp(100, 0, 10)", 95],
    ["ramp(99, 100, 10)", 100],
    ["noise(4)", 2],
    ["sine(3, 60)", 3],
    ["sine(3, 60, 90)", 0],
    ["sine(3, 0)", 0],
    ["min(3, 1, 2) + max(3, 1, 2)", 4],
    ["abs(-3) + clamp(12, 0, 10) + round(2.5) + floor(-0.5)", 15],
  ])("%s is %d", (text, value) => {
    expect(evaluate(text)).toBeCloseTo(value, 12);
  });

  it.each([
    ["", 0],
    ["1 +", 3],
    ["1 2", 2],
    ["(1", 2],
    ["1 < 2 < 3", 6],
    ["a ? 1", 5],
    ["nobody + 1", 0],
    ["1 + nobody.power", 4],
    ["1 + drive.nobody", 4],
    ["process.exit(1)", 12],
    ["constructor", 0],
    ["require('fs')", 0],
    ["a[0]", 1],
    ["a = 1", 2],
    ["`x`", 0],
    ["min()", 4],
    ["abs(1, 2)", 0],
    ["ramp(1, 2)", 0],
    ["noise", 0],
    ["csv('file')", 0],
    ["bits(nobody: 1)", 5],
    ["bits(ready: 1, ready: 0)", 15],
    ["fault(1)", 6],
    ["'text'", 0],
  ])("%s is refused at its place", (text, at) => {
    expect(placeOfError(text)).toBe(at);
  });

  it("bounds length, depth and size", () => {
    expect(placeOfError("1".repeat(2001))).toBe(2000);
    expect(placeOfError(`${"(".repeat(60)}1${")".repeat(60)}`)).toBeLessThan(60);
    expect(placeOfError("-".repeat(1999).concat("1"))).toBeLessThan(60);
    expect(placeOfError(Array(700).fill("1").join("+"))).toBeGreaterThan(400);
    expect(evaluate(`${"(".repeat(40)}1${")".repeat(40)}`)).toBe(1);
  });

  it("throws nothing but ExpressionError whatever it reads", () => {
    const words = [
      "a",
      "1",
      "+",
      "-",
      "*",
      "(",
      ")",
      "?",
      ":",
      ",",
      ".",
      "not",
      "and",
      "min",
      "bits",
      "ramp",
      "fault",
      "<",
      "'x'",
      "0x",
      "$",
    ];
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string(),
          fc.array(fc.constantFrom(...words), { maxLength: 20 }).map((all) => all.join(" ")),
        ),
        (text) => {
          try {
            expect(typeof evaluate(text)).toBe("number");
          } catch (error) {
            if (!(error instanceof ExpressionError)) throw error;
            expect(error.at).toBeLessThanOrEqual(text.length);
          }
        },
      ),
      { numRuns: 2000 },
    );
  });
});
