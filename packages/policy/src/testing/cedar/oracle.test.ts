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

/** Of these there are some in two thousand, whatever the seed. */
const reasons = [
  ...["no-permit", "forbid", "unknown-subject", "source", "transport", "time", "partial", "mask", "step"],
  ...["interlock", "approval", "rate"],
];

/** `npm test` makes the first of them. */
const mutations: readonly (readonly [string, RegExp, string])[] = [
  ["a permit is a forbid", /permit \(/, "forbid ("],
  ["a forbid is a permit", /forbid \((?!.*\n.*partial)/g, "permit ("],
  ["least and more", />=/g, ">"],
  ["most and less", /<=/g, "<"],
  ["another transport", /"tls"/g, '"tcp"'],
  ["some bits are enough", /containsAll/g, "containsAny"],
  ["part of a point is a point", /&& context\.partial/g, "&& !context.partial"],
  ["broadcast is implied", /resource\.unit != 0/g, "resource.unit >= 0"],
  ["function 22 writes a value", /context\.function == 22/g, "context.function == 6"],
  ["a step is as far as it likes", /\.by <= \d+/g, ".by >= 0"],
  ["what is known is never too old", /ageMs <= \d+/g, "ageMs >= 0"],
  ["the hours are those of another day", /\.minute < /g, ".minute > "],
  ["an approval is not asked for", /context has approved && .*\)/g, "true"],
  ["every bucket is full", /context has tokens && .*\)/g, "true"],
  ["the tags do not count", /principal\.tags\.containsAny/g, "!principal.tags.containsAny"],
  ["records are of every file", /resource has file && /g, "!(resource has file) && "],
];
const IS_LONG = process.env["ORACLE_DECISIONS"] !== undefined;

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
    for (const reason of reasons) {
      expect(share(reason), reason).toBeGreaterThan(0);
    }
    expect(share("min") + share("max") + share("values")).toBeGreaterThan(0.002);
  });

  it.each(IS_LONG ? mutations : mutations.slice(0, 8))(
    "is noticed when %s",
    { timeout: 120_000 },
    (_what, from, to) => {
      const { difference } = compare(4000, 7, (file) => cedarPolicies(file, devices).replace(from, to));
      expect(difference).toBeDefined();
    },
  );

  it("finds every policy sound under the exported schema", { timeout: 120_000 }, () => {
    for (const file of fc.sample(arbitraryPolicy.map(soundRules), { numRuns: 8, seed: SEED })) {
      expect(validationErrors(cedarSchema(file, devices), cedarPolicies(file, devices))).toEqual([]);
    }
  });
});
