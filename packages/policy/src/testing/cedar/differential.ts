import fc from "fast-check";
import { cedarPolicies } from "../../export/cedar/policies.ts";
import {
  type CedarRequest,
  cedarRequests,
  compilePolicy,
  type PolicyFile,
  type PolicyLocation,
  type Question,
  type WhenText,
} from "../../index.ts";
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
    const { file, location: place, questions } = fc.sample(batch, { numRuns: 1, seed: seed + count })[0]!;
    const policy = compilePolicy(documentOf(file), devices, {
      sha256: () => "",
      ...(place && { location: place }),
    });
    loadPolicies(exported(file));
    for (const question of questions.slice(0, decisions - count)) {
      const { permit, because } = policy.decide(question);
      const requests = cedarRequests(question, file, devices, place);
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

/** Places and IPv6 networks, which rules seldom have, so that most of them are as they were. */
const somewhere = fc.constantFrom<WhenText>(
  ...Array<WhenText>(18).fill({}),
  ...[{ sites: ["s"] }, { gateways: ["g", "h"] }, { zones: ["z"] }, { sites: ["s", "t"], zones: ["z", "y"] }],
  ...[{ sources: ["2001:db8::/32"] }, { sources: ["::ffff:10.1.0.0", "fe80::1", "10.0.0.0/8"] }],
);
const located = fc.array(somewhere, { minLength: 12, maxLength: 12 });
const location = fc.constantFrom<PolicyLocation | undefined>(
  ...[undefined, { site: "s", gateway: "g" }, { site: "s", gateway: "g", zone: "z" }, { site: "t", gateway: "x" }],
);
const source = fc.constantFrom(
  ...Array<undefined>(9).fill(undefined),
  ...[
    "[2001:db8::5]:502",
    "::ffff:10.1.2.3",
    "[::ffff:a01:203]:4000",
    "2001:db9::1",
    "fe80::1%eth0",
    "10.1.2.999",
    "-",
  ],
);

const batch = fc.tuple(arbitraryPolicy, located).chain(([generated, places]) => {
  const rules = generated.rules.map((rule, index) => ({ ...rule, when: { ...rule.when, ...places[index] } }));
  const file = soundRules({ ...generated, rules });
  const questions = fc
    .tuple(fittingQuestion(file), source)
    .map(([question, other]) => (other === undefined ? question : { ...question, source: other }));
  return fc.record({
    file: fc.constant(file),
    location,
    questions: fc.array(questions, { minLength: QUESTIONS, maxLength: QUESTIONS }),
  });
});

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
