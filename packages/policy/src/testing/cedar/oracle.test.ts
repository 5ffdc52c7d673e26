import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { cedarPolicies } from "../../export/cedar/policies.ts";
import { cedarSchema } from "../../export/cedar/schema.ts";
import { arbitraryPolicy } from "../arbitrary-policy.ts";
import { devices } from "../site.ts";
import { soundRules } from "../sound-rules.ts";
import { compare, differenceText } from "./differential.ts";
import { validationErrors } from "./engine.ts";

/** `npm run oracle` asks for a hundred thousand. */
const DECISIONS = Number(process.env["ORACLE_DECISIONS"] ?? 2000);
const SEED = Number(process.env["ORACLE_SEED"] ?? Math.floor(Math.random() * 2 ** 31));

describe("Cedar, reading the exported policies", () => {
  it(`decides ${DECISIONS} questions as the policy does`, { timeout: 3_600_000 }, () => {
    const { decisions, outcomes, difference } = compare(DECISIONS, SEED);
    if (difference !== undefined) throw new Error(differenceText(difference, SEED));
    expect(decisions).toBe(DECISIONS);
    const share = (outcome: string) => (outcomes.get(outcome) ?? 0) / decisions;
    const figures = [...outcomes]
      .sort(([, left], [, right]) => right - left)
      .map(([name, count]) => `${name} ${count}`);
    if (process.env["ORACLE_DECISIONS"] !== undefined) {
      process.stdout.write(`${decisions} decisions, seed ${SEED}, no difference: ${figures.join(", ")}\n`);
    }
    // A comparison in which everybody says no would compare nothing.
    expect(share("permit"), figures.join(", ")).toBeGreaterThan(0.25);
    expect(share("permit"), figures.join(", ")).toBeLessThan(0.75);
    for (const reason of ["forbid", "transport", "partial", "min", "max", "values", "mask"]) {
      expect(share(reason), reason).toBeGreaterThan(0.0005);
    }
  });

  it.each<readonly [string, RegExp, string]>([
    ["a permit is a forbid", /permit \(/, "forbid ("],
    ["a forbid is a permit", /forbid \((?!.*\n.*partial)/g, "permit ("],
    ["least and more", />=/g, ">"],
    ["most and less", /<=/g, "<"],
    ["another transport", /"tls"/g, '"tcp"'],
    ["some bits are enough", /containsAll/g, "containsAny"],
    ["part of a point is a point", /&& context\.partial/g, "&& !context.partial"],
    ["broadcast is implied", /resource\.unit != 0/g, "resource.unit >= 0"],
    ["function 22 writes a value", /context\.function == 22/g, "context.function == 6"],
    ["a limit is left out", /\.contains\(context\.raw\[[^\]]*\]\)/g, ".contains(context.function) == false"],
  ])("is noticed when %s", (_what, from, to) => {
    const { difference } = compare(4000, 7, (file) => cedarPolicies(file, devices).replace(from, to));
    expect(difference).toBeDefined();
  });

  it("finds every policy sound under the exported schema", () => {
    const schema = cedarSchema(devices);
    for (const file of fc.sample(arbitraryPolicy.map(soundRules), { numRuns: 8, seed: SEED })) {
      expect(validationErrors(schema, cedarPolicies(file, devices))).toEqual([]);
    }
  });
});
