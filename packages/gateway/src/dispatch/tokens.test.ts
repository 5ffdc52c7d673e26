import { describe, expect, it } from "vitest";
import { createCounters } from "../counters.ts";
import { Tokens } from "./tokens.ts";

/** Two requests at once, one more each second. */
const rate = { rule: "setpoint", burst: 2, perMs: 0.001 };

describe("a bucket", () => {
  it("gives its burst, and then what it gains", () => {
    const tokens = new Tokens(10, createCounters());
    const given: boolean[] = [];
    for (const nowMs of [0, 0, 0, 999, 1000, 1000, 60_000, 60_000, 60_000]) {
      const has = tokens.has(rate, "hmi", nowMs);
      given.push(has);
      if (has) tokens.take(rate, "hmi", nowMs);
    }
    expect(given).toEqual([true, true, false, false, true, false, true, true, false]);
  });

  it("is one for each subject and rule", () => {
    const tokens = new Tokens(10, createCounters());
    tokens.take({ ...rate, burst: 1 }, "hmi", 0);
    expect(tokens.has({ ...rate, burst: 1 }, "hmi", 0)).toBe(false);
    expect(tokens.has({ ...rate, burst: 1 }, "scada", 0)).toBe(true);
    expect(tokens.has({ ...rate, rule: "other", burst: 1 }, "hmi", 0)).toBe(true);
  });

  it("keeps what was used when the rule has another rate", () => {
    const tokens = new Tokens(10, createCounters());
    tokens.take({ ...rate, burst: 1 }, "hmi", 0);
    expect(tokens.has({ ...rate, burst: 100 }, "hmi", 0)).toBe(false);
    tokens.take({ ...rate, rule: "wide", burst: 100 }, "hmi", 0);
    expect(tokens.has({ ...rate, rule: "wide", burst: 1 }, "hmi", 0)).toBe(true);
    tokens.take({ ...rate, rule: "wide", burst: 1 }, "hmi", 0);
    expect(tokens.has({ ...rate, rule: "wide", burst: 1 }, "hmi", 0)).toBe(false);
  });
});

describe("the table of buckets", () => {
  it("has a bound; who comes anew has no token until others' buckets are full again", () => {
    const counters = createCounters();
    const tokens = new Tokens(2, counters);
    tokens.take(rate, "one", 0);
    tokens.take(rate, "two", 500);
    expect(tokens.has(rate, "three", 600)).toBe(false);
    expect(counters.refusedBuckets).toBe(1);
    expect(tokens.has(rate, "one", 600)).toBe(true);
    expect(tokens.has(rate, "three", 1700)).toBe(true);
    expect(tokens.size).toBe(0);
  });
});
