import { readProfile } from "@modwarden/profile";
import { describe, expect, it } from "vitest";
import { boiler } from "../testing/site.ts";
import { Distinct } from "./distinct.ts";
import { pointLimit, registerLimit } from "./value-limit.ts";

function distinct<Value extends number | bigint>(values: readonly Value[]): Distinct<Value> {
  const all = new Distinct<Value>();
  for (const value of values) all.add(value);
  return all;
}

const doubles = readProfile(
  `
profile: 1
device: { vendor: Test, model: Doubles, kind: meter }
blocks:
  - { table: holding, address: 0, count: 8, access: rw }
points:
  - { id: plain, table: holding, address: 0, type: f64, access: rw }
  - { id: scaled, table: holding, address: 4, type: f64, scale: 10, access: rw }
`,
  "doubles.yaml",
);

function limitOf(profile: typeof boiler, id: string, values: readonly (number | bigint)[], isOdd = false) {
  const point = profile.point(id);
  if (point === undefined) throw new Error(`the profile has no point ${id}`);
  return pointLimit(profile, point, { values: distinct(values), isOdd });
}

const nine = [1, 2, 3, 4, 5, 6, 7, 8, 9];

describe("the limit of registers by themselves", () => {
  it.each([
    { table: "holding", values: [7, 3], limit: { values: [3, 7] }, notes: 0 },
    { table: "holding", values: nine, limit: { min: 1, max: 9 }, notes: 1 },
    { table: "coil", values: [1, 0], limit: {}, notes: 0 },
    { table: "coil", values: [0], limit: { values: [0] }, notes: 0 },
  ] as const)("of $table and $values is $limit", ({ table, values, limit, notes }) => {
    const result = registerLimit(table, distinct<number>(values));
    expect(result.limit).toEqual(limit);
    expect(result.notes).toHaveLength(notes);
  });
});

describe("the limit of a point", () => {
  it.each([
    { of: "a coil that had both values", id: "pump", values: [0, 1], limit: {} },
    { of: "a coil that had one", id: "pump", values: [1], limit: { values: [1] } },
    { of: "a scale below zero, whose order is turned", id: "inverse", values: nine, limit: { min: -4.5, max: -0.5 } },
    { of: "a float", id: "level", values: nine.map((value) => value / 2), limit: { min: 0.5, max: 4.5 } },
    { of: "64 bits", id: "energy", values: nine.map(BigInt), limit: { min: 1, max: 9 } },
  ])("of $of is $limit", ({ id, values, limit }) => {
    expect(limitOf(boiler, id, values)?.limit).toEqual(limit);
  });

  it("of a double is the double itself", () => {
    const values = nine.map((value) => value / 4);
    expect(limitOf(doubles, "plain", values)?.limit).toEqual({ min: 0.25, max: 2.25 });
    // More digits than a rounded bound has.
    const long = values.map((value) => value + 1e-15);
    expect(limitOf(doubles, "plain", long)?.limit).toEqual({ min: long[0], max: long[8] });
  });

  it("is none where a number of a policy file cannot say exactly what was written", () => {
    // Two whole numbers that are one and the same as a double.
    const beyond = nine.map((value) => 2n ** 53n + BigInt(value));
    expect(limitOf(boiler, "energy", beyond)).toBeUndefined();
    expect(limitOf(boiler, "energy", beyond.slice(0, 1))).toBeUndefined();
    // Ten times as much is no finite number.
    expect(limitOf(doubles, "scaled", [1e308])).toBeUndefined();
    expect(limitOf(doubles, "scaled", [1e300])?.limit).toEqual({ values: [1e301] });
    expect(limitOf(boiler, "target", [1], true)).toBeUndefined();
    expect(limitOf(boiler, "power", [1])).toBeUndefined();
  });
});
