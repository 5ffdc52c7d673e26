import { expect, it } from "vitest";
import { AskedError, type AskedText, questionFor } from "../index.ts";
import { devices } from "../testing/site.ts";

const ask = (asked: Partial<AskedText>) => questionFor({ as: "Operator", ...asked }, devices);

it.each<readonly [string, Partial<AskedText>]>([
  ['known "holding 3": no device', { unit: 9, function: 3, address: 0, known: { "holding 3": 1 } }],
  ['known "target": no device', { unit: 9, function: 3, address: 0, known: { target: 1 } }],
  ["function 20 reads records", { unit: 2, function: 20, records: [{ file: 1, record: 0, values: [1] }] }],
  ["function 21 writes records", { unit: 2, function: 21, records: [{ file: 1, record: 0, quantity: 1 }] }],
  ["the quantity of each record", { unit: 2, function: 20, records: [{ file: 1, record: 0 }] }],
  ["the values of each record", { unit: 2, function: 21, records: [{ file: 1, record: 0 }] }],
])("says what is wrong: %s", (wanted, asked) => {
  expect(() => ask(asked)).toThrow(AskedError);
  expect(() => ask(asked)).toThrow(wanted);
});

it("takes what is known of a device that is named, also where none is asked", () => {
  const { moment } = ask({ unit: 9, function: 3, address: 0, known: { "boiler.target": 21.5 } });
  expect(moment?.known("boiler", "holding", 1)).toEqual({ value: 215, ageMs: 0 });
});
