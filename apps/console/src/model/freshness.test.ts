import { expect, test } from "vitest";
import { FRESH_MS, qualityAt } from "./freshness.ts";

test.each([
  ["good", FRESH_MS, "good"],
  ["good", FRESH_MS + 1, "stale"],
  ["good", null, "good"],
  ["stale", 0, "stale"],
  ["nan", FRESH_MS + 1, "nan"],
  ["none", null, "none"],
] as const)("%s at %s ms is %s", (told, ageMs, shown) => {
  expect(qualityAt(told, ageMs)).toBe(shown);
});
