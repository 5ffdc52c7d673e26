import { expect, test } from "vitest";
import type { Access } from "../api/wire.ts";
import { transaction } from "../testing/samples.ts";
import { askedOf, objectsText, placeOf } from "./objects.ts";

const read: Access = { device: "meter", unit: 1, table: "input", address: 0, quantity: 6, write: false };
const write: Access = { device: "drive", unit: 3, table: "holding", address: 50009, quantity: 1, write: true };

test.each([
  ["the points that the profile names", { ...read, points: ["a", "b"] }, "a, b"],
  ["the first two of many", { ...read, points: ["a", "b", "c", "d"] }, "a, b +2"],
  ["numbers as manuals print them", read, "30001-30006"],
  ["one number for one register", { ...read, quantity: 1 }, "30001"],
  ["no number beyond the last", { ...read, address: 65534, quantity: 9 }, "365535-365536"],
  ["no points named is as none known", { ...read, points: [] }, "30001-30006"],
] as const)("objects: %s", (_, access, text) => {
  expect(objectsText(access)).toBe(text);
});

test("a read shows what came back, a write what it wrote; FC 23 is both", () => {
  const both = transaction(1, {
    operation: { function: 23, name: "read-write-multiple-registers" },
    accesses: [read, { ...write, values: [7] }],
    outcome: { values: [1, 2, 3, 4, 5, 6], latencyUs: 1 },
  });
  expect(askedOf(both).map(({ verb, values }) => [verb, values])).toEqual([
    ["read", "1 2 3 4 +2"],
    ["write", "7"],
  ]);
});

test("a request without a table is named by its operation", () => {
  const asked = askedOf(
    transaction(1, {
      operation: { function: 43, subfunction: 14, name: "read-device-identification" },
      accesses: [{ device: "meter", unit: 1, table: null, address: 0, quantity: 0, write: false }],
    }),
  );
  expect(asked.map(({ objects }) => objects)).toEqual(["read-device-identification"]);
});

test("the place is the device and the unit that was asked for", () => {
  expect(placeOf(transaction(1, { accesses: [write] }))).toEqual({ device: "drive", unit: 3 });
  expect(placeOf(transaction(1, { accesses: [{ ...write, device: null }] }))).toEqual({ device: null, unit: 3 });
  expect(placeOf(transaction(1, { accesses: [] }))).toEqual({ device: null, unit: null });
});
