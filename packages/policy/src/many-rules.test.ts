import { describe, expect, it } from "vitest";
import { compilePolicy, questionFor } from "./index.ts";
import { documentOf } from "./testing/document.ts";

/** So many wide ranges that the table of function 6 is coarsened to keep to its bound. */
const COUNT = 2500;
const WIDTH = 30_000;
const functions = [6];
const staggered = Array.from({ length: COUNT }, (_, index) => `${index}-${index + WIDTH}`);

describe("thousands of overlapping rules", () => {
  it("permit no element outside their own ranges", () => {
    const rules = staggered.map((range, index) => ({
      id: `r${index}`,
      permit: { roles: "*" } as const,
      allow: [{ functions, addresses: [range], values: [index] }],
    }));
    const policy = compilePolicy(documentOf({ policy: 1, mode: "enforce", roles: ["A"], rules, tests: [] }), []);
    const write = (address: number, value: number) =>
      policy.decide(questionFor({ as: "A", unit: 1, function: 6, address, value }, []));
    for (const index of [0, 1, 777, 1249, 2498, 2499]) {
      expect(write(index, index)).toMatchObject({ permit: true, rules: [`r${index}`] });
      expect(write(index + WIDTH, index)).toMatchObject({ permit: true, rules: [`r${index}`] });
      expect(write(index + WIDTH + 1, index).permit).toBe(false);
      if (index > 0) expect(write(index - 1, index)).toMatchObject({ because: "values", rules: ["r0"] });
    }
    expect(write(COUNT + WIDTH, 0)).toMatchObject({ because: "no-permit", rules: [] });
  });

  it("forbid no element outside their own ranges", () => {
    const rules = [
      { id: "all", permit: { roles: "*" } as const, allow: [{ functions }] },
      ...staggered.map((range, index) => ({
        id: `r${index}`,
        forbid: { roles: "*" } as const,
        when: { sources: [`10.0.${index >> 8}.${index & 255}`] },
        deny: [{ functions, addresses: [range] }],
      })),
    ];
    const policy = compilePolicy(documentOf({ policy: 1, mode: "enforce", roles: ["A"], rules, tests: [] }), []);
    const write = (address: number, index: number) =>
      policy.decide(
        questionFor(
          { as: "A", unit: 1, function: 6, address, value: 0, from: `10.0.${index >> 8}.${index & 255}` },
          [],
        ),
      );
    for (const index of [1, 777, 2499]) {
      expect(write(index - 1, index)).toMatchObject({ permit: true, rules: ["all"] });
      expect(write(index, index)).toMatchObject({ because: "forbid", rules: [`r${index}`] });
      expect(write(index + WIDTH, index)).toMatchObject({ because: "forbid" });
      expect(write(index + WIDTH + 1, index)).toMatchObject({ permit: true });
    }
  });
});
