import { type Profile, readProfile } from "@modwarden/profile";
import { expect, it } from "vitest";
import { pointNumber } from "./point-number.ts";

const points: Profile = readProfile(
  `
profile: 1
device: { vendor: Test, model: Numbers, kind: meter }
blocks: [{ table: holding, address: 0, count: 40, access: rw }]
points:
  - { id: plain, table: holding, address: 0, type: u16, access: rw }
  - { id: quarter, table: holding, address: 1, type: u16, scale: 0.25, access: rw }
  - { id: sevenths, table: holding, address: 2, type: u16, scale: 0.007, access: rw }
  - { id: percent, table: holding, address: 3, type: u16, scale: 0.0061035, access: rw }
  - { id: coarse, table: holding, address: 4, type: u16, scale: 0.6103, access: rw }
  - { id: inverse, table: holding, address: 5, type: s16, scale: -0.5, access: rw }
  - { id: exponent, table: holding, address: 6, type: scaleFactor, access: rw }
  - { id: power, table: holding, address: 7, type: s16, scale: { point: exponent }, access: rw }
  - { id: level, table: holding, address: 8, type: f32, access: rw }
  - { id: flow, table: holding, address: 10, type: f32, scale: 0.1, access: rw }
  - { id: exact, table: holding, address: 12, type: f64, access: rw }
  - { id: scaled, table: holding, address: 16, type: f64, scale: 0.0003, access: rw }
  - { id: energy, table: holding, address: 20, type: u64, access: rw }
  - { id: fine, table: holding, address: 24, type: f64, scale: 0.0061035, access: rw }
  - { id: twelfth, table: holding, address: 28, type: u16, scale: 0.0000000000033333, access: rw }
  - { id: thirteenth, table: holding, address: 29, type: u16, scale: 0.00000000000033333, access: rw }
`,
  "numbers.yaml",
);

it.each<readonly [id: string, raw: number | bigint, limit: number | undefined, wanted: string]>([
  ["plain", 5, undefined, "5"],
  ["power", 5, undefined, "5"],
  ["energy", 9_007_199_254_740_993n, undefined, "9007199254740993"],
  // Few decimals by themselves: not 0.8, and not 0.02.
  ["quarter", 3, undefined, "0.75"],
  ["sevenths", 3, undefined, "0.021"],
  ["inverse", 3, undefined, "-1.5"],
  // The shortest decimal that the device holds as this number.
  ["percent", 14_746, undefined, "90"],
  ["percent", 14_747, undefined, "90.01"],
  ["coarse", 147, undefined, "90"],
  // A text that would read like the limit has more digits.
  ["percent", 14_746, 90, "90.002"],
  ["coarse", 147, 90, "89.7"],
  // An f32 has about seven digits.
  ["level", Math.fround(40.1), undefined, "40.1"],
  ["level", Math.fround(40.1), 40.1, "40.099998474121094"],
  ["level", Math.fround(40.1), 40, "40.1"],
  ["level", Number.NaN, undefined, "NaN"],
  ["level", Number.POSITIVE_INFINITY, undefined, "Infinity"],
  ["flow", Math.fround(401.00001525878906), undefined, "40.1"],
  ["flow", Math.fround(401.1), undefined, "40.11"],
  ["fine", 14_746, undefined, "90.002211"],
  // Twelve decimals are tried, and no more.
  ["twelfth", 1, undefined, "3e-12"],
  ["thirteenth", 1, undefined, "3.3333e-13"],
  ["exact", 40.123456789012, undefined, "40.123456789012"],
  ["scaled", 40_000.5, undefined, "12.00015"],
])("pointNumber of %s, %s under the limit %s is %s", (id, raw, limit, wanted) => {
  expect(pointNumber(points.point(id)!, raw, limit)).toBe(wanted);
});
