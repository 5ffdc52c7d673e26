import { isDeepStrictEqual } from "node:util";
import type { Explanation } from "@modwarden/access";
import fc from "fast-check";
import { expect, it } from "vitest";
import { compilePolicy, type Policy, type PolicyFile } from "../index.ts";
import { arbitraryPolicy } from "../testing/arbitrary-policy.ts";
import { arbitraryQuestion } from "../testing/arbitrary-question.ts";
import { documentOf } from "../testing/document.ts";
import { type NaiveVerdict, naiveDecision, naiveVerdict, type PlainQuestion } from "../testing/naive.ts";
import { devices } from "../testing/site.ts";
import { soundRules } from "../testing/sound-rules.ts";

/** What the rules that are only tried would have done, where that is something else. */
function checkShadow(file: PolicyFile, question: PlainQuestion, { shadow }: Explanation, real: NaiveVerdict): void {
  const tried = naiveVerdict(file, devices, question);
  if (tried.permit === real.permit) expect(shadow).toBeUndefined();
  else expect(shadow).toMatchObject({ permit: tried.permit, ...(tried.permit ? {} : { because: tried.because }) });
}

/** What a screening settles is the decision, whatever the moment; of several reasons to refuse it may name another. */
function checkScreening(policy: Policy, question: PlainQuestion, decided: Explanation): void {
  const { moment: _moment, ...momentless } = question;
  const settled = policy.screen(momentless);
  seen.set(
    settled === undefined ? "later" : "settled",
    (seen.get(settled === undefined ? "later" : "settled") ?? 0) + 1,
  );
  if (settled === undefined) return;
  expect(settled.permit).toBe(decided.permit);
}

/** Policies, with four questions each; `npm run oracle` asks for more. */
const RUNS = Number(process.env["ORACLE_RUNS"] ?? 800);
/** So that a generator that has gone astray cannot make this test empty. */
const seen = new Map<string, number>();

it("agrees with the plain evaluator on every policy and question", { timeout: 120_000 + 100 * RUNS }, () => {
  fc.assert(
    fc.property(
      arbitraryPolicy,
      fc.array(arbitraryQuestion, { minLength: 4, maxLength: 4 }),
      (generated, questions) => {
        const file = soundRules(generated);
        const policy = compilePolicy(documentOf(file), devices, { sha256: () => "" });
        for (const question of questions) {
          const wanted = naiveDecision(file, devices, question);
          const explanation = policy.decide(question);
          const { permit, because, rules, firstUncovered } = explanation;
          const got = permit ? { permit } : { permit, because, rules, address: firstUncovered?.address };
          checkShadow(file, question, explanation, wanted);
          checkScreening(policy, question, explanation);
          const agreed = permit ? wanted : { rules: [], address: undefined, ...wanted };
          if (!isDeepStrictEqual(got, agreed)) expect({ got, question }).toEqual({ got: agreed, question });
          const outcome = because ?? "permit";
          seen.set(outcome, (seen.get(outcome) ?? 0) + 1);
        }
      },
    ),
    { numRuns: RUNS },
  );
  const reasons = ["permit", "no-permit", "forbid", "unknown-subject", "transport", "source"] as const;
  const late = ["time", "step", "slew", "interlock", "approval", "rate", "later", "settled"];
  for (const reason of [...reasons, "partial", "min", "max", "values", "mask", ...late]) {
    const rare = reason === "slew" || reason === "rate" || reason === "time" || reason === "min";
    // In a few runs chance may leave out what is rare.
    if (RUNS >= 5_000 || !rare) expect(seen.get(reason) ?? 0, reason).toBeGreaterThan(0);
  }
});
