import type { Point } from "@modwarden/profile";
import { readProfile } from "@modwarden/profile";
import { describe, expect, it } from "vitest";
import { stepLimit, withinStep } from "./step.ts";

const profile = readProfile(
  `profile: 1
device: { vendor: Test, model: Meter, kind: meter }
blocks: [ { table: holding, address: 0, count: 10, access: rw } ]
points:
  - { id: single, table: holding, address: 0, type: f32, access: rw }
  - { id: double, table: holding, address: 2, type: f64, access: rw }
`,
  "meter.yaml",
);

function within(id: string, before: number, value: number): boolean {
  return withinStep(stepLimit({ maxStep: 10 }, profile.point(id) as Point)!, before, value);
}

describe("a step of floats", () => {
  it("has the slack of its own type", () => {
    // Beside 1e9 an f32 holds every 64th number, an f64 all that a person would write.
    expect([within("single", 1e9, 1e9 + 64), within("single", 1e9, 1e9 + 512)]).toEqual([true, false]);
    expect([within("double", 1e9, 1e9 + 10), within("double", 1e9, 1e9 + 10.001)]).toEqual([true, false]);
    expect(within("double", 0.1, 10.1)).toBe(true);
    const tenth = stepLimit({ maxStep: 0.1 }, profile.point("double") as Point)!;
    expect(0.8 - 0.7).toBeGreaterThan(0.1);
    expect([withinStep(tenth, 0.7, 0.8), withinStep(tenth, 0.7, 0.800001)]).toEqual([true, false]);
  });

  it("of nothing lets what stands there be written again, and nothing else", () => {
    const none = stepLimit({ maxStep: 0 }, profile.point("double") as Point)!;
    expect([withinStep(none, 0, 0), withinStep(none, 0, 1e-9)]).toEqual([true, false]);
  });

  it("is not within anything where a value is infinite or no number", () => {
    for (const id of ["single", "double"]) {
      for (const value of [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, Number.NaN]) {
        expect([within(id, 40, value), within(id, value, 40), within(id, value, value)]).toEqual([false, false, false]);
      }
    }
  });
});
