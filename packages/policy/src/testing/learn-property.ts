import fc from "fast-check";
import { compilePolicy, Learner, type Observation, type Policy, type PolicyDevice, readPolicy } from "../index.ts";
import { arbitraryQuestion } from "./arbitrary-question.ts";
import { documentOf } from "./document.ts";
import { devices } from "./site.ts";

const arbitraryObservation: fc.Arbitrary<Observation> = fc
  .record({
    question: arbitraryQuestion,
    fate: fc.constantFrom(
      ...(["answered", "answered", "answered", "answered", "refused", "exception", "unanswered"] as const),
    ),
    count: fc.integer({ min: 1, max: 50 }),
    firstMs: fc.integer({ min: 0, max: 1e12 }),
  })
  .map(({ question, fate, count, firstMs }) => ({
    ...{ question, count, firstMs, lastMs: firstMs + count - 1 },
    permitted: fate !== "refused",
    outcome: fate === "refused" ? "exception" : fate,
  }));

export interface LearnCounts {
  learned: number;
  notCovered: number;
}

/**
 * A learned policy permits everything it was learned from: all that was permitted and answered, and that any policy
 * could permit. Returns how much of either there was, so that a generator that has gone astray cannot make this empty.
 */
export function checkLearnedPolicies(numRuns: number): LearnCounts {
  const counts: LearnCounts = { learned: 0, notCovered: 0 };
  fc.assert(
    fc.property(fc.array(arbitraryObservation, { minLength: 1, maxLength: 12 }), fc.boolean(), (seen, hasSite) => {
      const learner = new Learner({ from: "generated", sha256, ...(hasSite ? { devices } : {}) });
      for (const one of seen) learner.add(one);
      const { text, learned, notCovered } = learner.propose();
      const known = hasSite ? devices : devicesOf(seen);
      const policy = compilePolicy(readPolicy(text, "learned.yaml"), known, { sha256 });
      const everything = hasSite ? everythingOnSite : policyOfAll(known);
      let expected = 0;
      for (const observation of seen) {
        if (!isLearnable(observation, everything, hasSite)) continue;
        expected += observation.count;
        const { permit, shadow } = policy.decide(observation.question);
        if (!permit || shadow !== undefined) throw new Error(`refused: ${JSON.stringify(observation)}\n${text}`);
      }
      const left = notCovered.reduce((sum, { tally }) => sum + tally.count, 0);
      if (learned !== expected || learned + left !== seen.reduce((sum, { count }) => sum + count, 0)) {
        throw new Error(`learned ${learned}, expected ${expected}, left out ${left}\n${text}`);
      }
      counts.learned += learned;
      counts.notCovered += left;
    }),
    { numRuns },
  );
  return counts;
}

/** What a policy is called does not matter here, and costs time. */
const sha256 = (): string => "";

/** Independent of how it is learned: what a policy that permits everything to everyone permits. */
function isLearnable({ question, permitted, outcome }: Observation, all: Policy, hasSite: boolean): boolean {
  if (!permitted || outcome !== "answered") return false;
  // A rule names sub-functions, so there is none for a request that hides its own.
  if ([8, 43].includes(question.functionCode) && question.subfunction === undefined) return false;
  return (question.device !== null || !hasSite) && all.decide(question).permit;
}

function policyOfAll(known: readonly PolicyDevice[]): Policy {
  const functions = Array.from({ length: 127 }, (_, index) => index + 1);
  const transports = ["tcp", "tls", "udp", "rtu", "ascii", "memory"] as const;
  const rule = { id: "all", permit: { roles: "*" }, units: [0, "1-255"], allow: [{ functions }], when: { transports } };
  const roles = ["Viewer", "Operator", "Other"];
  return compilePolicy(documentOf({ policy: 1, mode: "enforce", roles, rules: [rule as never], tests: [] }), known, {
    sha256,
  });
}

const everythingOnSite = policyOfAll(devices);

/** Without a site a device is what it is called, at the unit at which it was seen first. */
function devicesOf(seen: readonly Observation[]): readonly PolicyDevice[] {
  const found = new Map<string, PolicyDevice>();
  for (const { question } of seen) {
    const { device, unit } = question;
    if (device !== null && !found.has(device)) found.set(device, { id: device, unit });
  }
  return [...found.values()];
}
