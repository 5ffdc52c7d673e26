import fc from "fast-check";
import { expect, it } from "vitest";
import { compilePolicy, type PolicyFile } from "../index.ts";
import { arbitraryPolicy } from "../testing/arbitrary-policy.ts";
import { arbitraryQuestion } from "../testing/arbitrary-question.ts";
import { documentOf } from "../testing/document.ts";
import { holds } from "../testing/locate.ts";
import { devices } from "../testing/site.ts";
import { soundRules } from "../testing/sound-rules.ts";
import { compareRules } from "./compare.ts";
import { sideOf } from "./sides.ts";
import { Space } from "./space.ts";

/** The decisions that are compared: `DIFF_DECISIONS=10000 npx vitest run packages/policy/src/diff` is the long run. */
const LONG = process.env["DIFF_DECISIONS"];
const DECISIONS = Number(LONG ?? 2_000);
/** To each pair of policies. */
const QUESTIONS = LONG === undefined ? 40 : 10;

/** Two policies of which one comes from the other: rules left out, rules of a stranger put in. */
const pair = fc
  .tuple(arbitraryPolicy, arbitraryPolicy, fc.infiniteStream(fc.integer({ min: 0, max: 9 })))
  .map(([one, other, dice]): readonly [PolicyFile, PolicyFile] => {
    const kept = one.rules.filter(({ forbid }) => (dice.next().value ?? 0) < (forbid === undefined ? 8 : 3));
    const added = other.rules
      .filter(() => (dice.next().value ?? 0) < 2)
      .map((rule) => ({ ...rule, id: `new-${rule.id}` }));
    return [soundRules(one), soundRules({ ...one, rules: [...kept, ...added] })];
  });

it("tells a region for every decision that differs, and nothing else is decided otherwise", {
  timeout: LONG === undefined ? 120_000 : 1_800_000,
}, () => {
  const seen = { same: 0, differs: 0, equal: 0 };
  fc.assert(
    fc.property(
      pair,
      fc.array(arbitraryQuestion, { minLength: QUESTIONS, maxLength: QUESTIONS }),
      (files, questions) => {
        const [a, b] = files.map((file) => sideOf(documentOf(file), devices));
        const rules = [...a!.rules, ...b!.rules];
        const space = new Space(rules, [...a!.roles, ...b!.roles]);
        const regions = compareRules(a!, b!, devices, space, space.hereBox(undefined));
        if (regions.length === 0) seen.equal += 1;
        const [policyA, policyB] = files.map((file) => compilePolicy(documentOf(file), devices, { sha256: () => "" }));
        for (const question of questions) {
          const [first, second] = [policyA!.decide(question).permit, policyB!.decide(question).permit];
          seen[first === second ? "same" : "differs"] += 1;
          if (first === second) continue;
          const told = regions.some(
            (region) => region.onlyIn === (first ? "a" : "b") && holds(region, question, rules, devices),
          );
          if (!told) expect({ told, question, first }).toEqual({ told: true });
        }
      },
    ),
    { numRuns: DECISIONS / QUESTIONS },
  );
  // So that a generator that has gone astray cannot make this test empty.
  expect(seen.differs).toBeGreaterThan(DECISIONS / 100);
  expect(seen.equal).toBeGreaterThan(DECISIONS / QUESTIONS / 50);
  if (LONG !== undefined) console.log(JSON.stringify(seen));
});
