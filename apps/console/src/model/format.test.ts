import { expect, test } from "vitest";
import {
  ageText,
  bothAddresses,
  clockText,
  countText,
  latencyText,
  manualAddress,
  rawText,
  valuesText,
  wordsText,
} from "./format.ts";

test.each([
  ["holding", 9, "40010 / 0x0009 H"],
  ["holding", 0, "40001 / 0x0000 H"],
  ["holding", 9998, "49999 / 0x270E H"],
  ["holding", 9999, "410000 / 0x270F H"],
  ["holding", 50009, "450010 / 0xC359 H"],
  ["holding", 65535, "465536 / 0xFFFF H"],
  ["input", 52, "30053 / 0x0034 I"],
  ["coil", 0, "00001 / 0x0000 C"],
  ["discrete", 15, "10016 / 0x000F D"],
] as const)("%s %i is %s", (table, address, text) => {
  expect(bothAddresses(table, address)).toBe(text);
});

test("no two addresses of a table share a number", () => {
  const numbers = new Set(Array.from({ length: 65536 }, (_, address) => manualAddress("input", address)));
  expect(numbers.size).toBe(65536);
});

test("raw words in hex, bits as bits, nothing as nothing", () => {
  expect(rawText("holding", [0, 0xfcae])).toBe("0000 FCAE");
  expect(rawText("coil", [1, 0])).toBe("1 0");
  expect(rawText("holding", [])).toBe("");
});

test("a number is shown whole, a text by how it begins", () => {
  expect(wordsText("holding", [1, 2, 3, 4])).toBe("0001 0002 0003 0004");
  expect(
    wordsText(
      "holding",
      Array.from({ length: 16 }, () => 0x4d6f),
    ),
  ).toBe("4D6F 4D6F 4D6F +13");
});

test.each([
  [-50, "0 s"],
  [0, "0 s"],
  [320, "0.3 s"],
  [949, "0.9 s"],
  [950, "1 s"],
  [12_400, "12 s"],
  [99_400, "99 s"],
  [100_000, "2 min"],
  [3_600_000, "60 min"],
  [3 * 3_600_000, "3 h"],
  [5 * 86_400_000, "5 d"],
])("an age of %i ms is %s", (ms, text) => {
  expect(ageText(ms)).toBe(text);
});

test.each([
  [96, "96 µs"],
  [999.6, "1.00 ms"],
  [2310, "2.31 ms"],
  [9996, "10.0 ms"],
  [12_100, "12.1 ms"],
  [310_400, "310 ms"],
  [1_000_400, "1.00 s"],
])("a latency of %d µs is %s", (us, text) => {
  expect(latencyText(us)).toBe(text);
});

test("times and counts", () => {
  expect(clockText("2026-11-21T09:14:03.120Z")).toMatch(/^\d\d:14:03\.120$/);
  expect(clockText("not a time")).toBe("not a time");
  expect(countText(20312)).toBe("20,312");
  expect(valuesText([1, 2, 3], 4)).toBe("1 2 3");
  expect(valuesText([1, 2, 3, 4, 5, 6], 4)).toBe("1 2 3 4 +2");
});
