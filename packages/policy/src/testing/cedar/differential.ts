import fc from "fast-check";
import { cedarPolicies } from "../../export/cedar/policies.ts";
import { type CedarRequest, cedarRequests, compilePolicy, type PolicyFile, type Question } from "../../index.ts";
import { arbitraryPolicy } from "../arbitrary-policy.ts";
import { documentOf } from "../document.ts";
import { fittingQuestion } from "../fitting-question.ts";
import { devices } from "../site.ts";
import { soundRules } from "../sound-rules.ts";
import { loadPolicies, permitsAll } from "./engine.ts";

export interface Difference {
  readonly file: PolicyFile;
  readonly question: Question;
  readonly requests: readonly CedarRequest[];
  readonly policy: boolean;
  readonly cedar: boolean;
}

export interface Comparison {
  readonly decisions: number;
  /** How often each reason was given; "permit" among them. */
  readonly outcomes: ReadonlyMap<string, number>;
  readonly difference?: Difference;
}

/** Questions asked of each policy: parsing costs Cedar more than answering. */
const QUESTIONS = 20;

/** Asks the compiled policies and Cedar the same questions, until they differ. Cedar reads `exported(file)`. */
export function compare(
  decisions: number,
  seed: number,
  exported: (file: PolicyFile) => string = (file) => cedarPolicies(file, devices),
): Comparison {
  const outcomes = new Map<string, number>();
  for (let count = 0; count < decisions; ) {
    const { file, questions } = fc.sample(batch, { numRuns: 1, seed: seed + count })[0]!;
    const policy = compilePolicy(documentOf(file), devices, { sha256: () => "" });
    loadPolicies(exported(file));
    for (const question of questions.slice(0, decisions - count)) {
      const { permit, because } = policy.decide(question);
      const requests = cedarRequests(question, file, devices);
      const cedar = permitsAll(requests);
      count += 1;
      const outcome = permit ? "permit" : (because ?? "none");
      outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + 1);
      if (cedar !== permit) {
        return { decisions: count, outcomes, difference: { file, question, requests, policy: permit, cedar } };
      }
    }
  }
  return { decisions, outcomes };
}

const batch = arbitraryPolicy.map(soundRules).chain((file) =>
  fc.record({
    file: fc.constant(file),
    questions: fc.array(fittingQuestion(file), { minLength: QUESTIONS, maxLength: QUESTIONS }),
  }),
);

/** What is needed to look into it. */
export function differenceText({ file, question, requests, policy, cedar }: Difference, seed: number): string {
  const said = (permit: boolean) => (permit ? "permits" : "refuses");
  const json = (value: unknown) =>
    JSON.stringify(value, (_name, part) => (typeof part === "bigint" ? String(part) : part));
  return [
    `the policy ${said(policy)} and Cedar ${said(cedar)} (seed ${seed})`,
    json(file.rules),
    json(question),
    json(requests.map(({ action, resource, context }) => ({ action, resource, context }))),
  ].join("\n");
}
