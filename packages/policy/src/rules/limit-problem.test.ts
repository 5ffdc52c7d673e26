import { describe, expect, it } from "vitest";
import { boiler } from "../testing/site.ts";
import { limitProblem } from "./limits.ts";

describe("limits that cannot be judged on a point", () => {
  it.each([
    ["title", { min: 1 }],
    ["title", { max: 1 }],
    ["title", { values: [1] }],
    ["title", { maxStep: 1 }],
    ["title", { mask: 1 }],
    ["power", { min: 1 }],
    ["power", { max: 1 }],
    ["power", { values: [1] }],
    ["power", { maxStep: 1 }],
    ["counter", { mask: 1 }],
    ["temperature", { mask: 1 }],
    ["pump", { mask: 1 }],
    ["enabled", { mask: 1 }],
    ["digits", { mask: 1 }],
  ])("are refused: %s %j", (id, entry) => {
    expect(limitProblem({ write: id, ...entry }, boiler.point(id)!)).toBeDefined();
  });

  it.each([
    ["title", {}],
    ["power", {}],
    ["power", { mask: 1 }],
    ["offset", { mask: 1 }],
    ["mode", { mask: 1, min: 1, max: 2, values: [1], maxStep: 1 }],
    ["energy", { min: 1, max: 2, values: [1], maxStep: 1 }],
    ["pump", { max: 1 }],
  ])("are none of these: %s %j", (id, entry) => {
    expect(limitProblem({ write: id, ...entry }, boiler.point(id)!)).toBeUndefined();
  });
});
