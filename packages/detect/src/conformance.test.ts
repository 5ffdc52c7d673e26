import { describe, expect, it } from "vitest";
import { conformanceFinding } from "./index.ts";

describe("conformanceFinding", () => {
  it("carries the rule, its severity and the evidence", () => {
    expect(conformanceFinding("frame-malformed", "protocol id 51966")).toEqual({
      rule: "frame-malformed",
      severity: "high",
      evidence: "protocol id 51966",
    });
  });

  it("rates what is tolerated lower than what is crafted", () => {
    expect(conformanceFinding("reply-unit", "").severity).toBe("low");
    expect(conformanceFinding("reply-mismatch", "").severity).toBe("high");
  });
});
