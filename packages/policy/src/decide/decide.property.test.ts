import { isDeepStrictEqual } from "node:util";
import { DocumentError } from "@modwarden/document";
import fc from "fast-check";
import { expect, it } from "vitest";
import { compilePolicy, type PolicyFile } from "../index.ts";
import { checkPolicy } from "../language/check.ts";
import { resolveRules } from "../rules/resolve.ts";
import { arbitraryPolicy } from "../testing/arbitrary-policy.ts";
import { arbitraryQuestion } from "../testing/arbitrary-question.ts";
import { documentOf } from "../testing/document.ts";
import { naiveDecision } from "../testing/naive.ts";
import { devices } from "../testing/site.ts";

/** Rules that a check refuses (a table that no function reaches, a device outside the units) are left out. */
function soundRules(file: PolicyFile): PolicyFile {
  if (isSound(file)) return file;
  return { ...file, rules: file.rules.filter((rule) => isSound({ ...file, rules: [rule] })) };
}

function isSound(file: PolicyFile): boolean {
  try {
    if (checkPolicy(documentOf(file)).length > 0) return false;
    resolveRules(documentOf(file), devices);
    return true;
  } catch (error) {
    if (error instanceof DocumentError) return false;
    throw error;
  }
}

/** Policies, with four questions each: more than 10^4 decisions. */
const RUNS = 2600;
/** So that a generator that has gone astray cannot make this test empty. */
const seen = new Map<string, number>();

it("agrees with the plain evaluator on every policy and question", { timeout: 120_000 }, () => {
  fc.assert(
    fc.property(
      arbitraryPolicy,
      fc.array(arbitraryQuestion, { minLength: 4, maxLength: 4 }),
      (generated, questions) => {
        const file = soundRules(generated);
        const policy = compilePolicy(documentOf(file), devices, { sha256: () => "" });
        for (const question of questions) {
          const wanted = naiveDecision(file, devices, question);
          const { permit, because, rules, firstUncovered } = policy.decide(question);
          const got = permit ? { permit } : { permit, because, rules, address: firstUncovered?.address };
          const agreed = permit ? wanted : { rules: [], address: undefined, ...wanted };
          if (!isDeepStrictEqual(got, agreed)) expect(got).toEqual(agreed);
          const outcome = because ?? "permit";
          seen.set(outcome, (seen.get(outcome) ?? 0) + 1);
        }
      },
    ),
    { numRuns: RUNS },
  );
  const reasons = ["permit", "no-permit", "forbid", "unknown-subject", "transport", "source"] as const;
  for (const reason of [...reasons, "partial", "min", "max", "values", "mask"]) {
    expect(seen.get(reason) ?? 0, reason).toBeGreaterThan(20);
  }
});
