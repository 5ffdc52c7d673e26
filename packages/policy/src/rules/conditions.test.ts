import { describe, expect, it } from "vitest";
import { approvalNeed, rateLimit } from "./conditions.ts";

describe("rateLimit", () => {
  it("holds as many tokens as are said, or as come in the time, and never none", () => {
    expect(rateLimit("a", { requests: 5, perSeconds: 2, burst: 10 })).toEqual({ rule: "a", burst: 10, perMs: 0.0025 });
    expect(rateLimit("a", { requests: 5, perSeconds: 1 })).toEqual({ rule: "a", burst: 5, perMs: 0.005 });
    expect(rateLimit("a", { requests: 0.5, perSeconds: 1 }).burst).toBe(1);
  });
});

describe("approvalNeed", () => {
  it.each([
    ["90s", 90_000],
    ["15m", 900_000],
    ["2h", 7_200_000],
  ])("lives for %s", (ttl, ttlMs) => {
    expect(approvalNeed({ people: 1, ttl }, undefined)).toEqual({ people: 1, ttlMs, by: "*" });
  });

  it("is by those who are named, else by those whom the rule permits", () => {
    const need = { people: 2, ttl: "1m" } as const;
    expect(approvalNeed({ ...need, by: ["A"] }, { roles: ["B"] }).by).toEqual(new Set(["A"]));
    expect(approvalNeed(need, { roles: ["B"] }).by).toEqual(new Set(["B"]));
    expect(approvalNeed(need, { roles: "*" }).by).toBe("*");
    expect(approvalNeed(need, { ids: ["one"] }).by).toBe("*");
  });
});
