import type { Explanation } from "@modwarden/access";
import type { Moment, Policy, Question } from "@modwarden/policy";
import type { RuleApproval } from "./approval.ts";

/** What is known of the plant, but for approvals. */
export type Known = Pick<Moment, "known" | "extremes">;

/** What people would have to approve for the question to be permitted. */
export type Needed =
  | { readonly kind: "needed"; readonly rules: readonly RuleApproval[]; readonly ttlMs: number }
  | { readonly kind: "not-needed"; readonly explanation: Explanation }
  /** Another condition fails: nobody's yes would help. */
  | { readonly kind: "refused"; readonly explanation: Explanation };

/**
 * Judged against the policy: once as if nobody had approved anything, once as if everything were. The line judges all
 * of it again when the request comes; what is found here only tells whom to ask.
 */
export function neededApprovals(policy: Policy, question: Question, known: Known): Needed {
  const decide = (approved: (rule: string) => boolean): Explanation => {
    const moment: Moment = {
      known: (device, table, address) => known.known(device, table, address),
      extremes: (device, table, address, withinMs) => known.extremes(device, table, address, withinMs),
      // A bucket fills by itself.
      hasToken: () => true,
      approved,
    };
    return policy.decide({ ...question, moment });
  };
  const without = decide(() => false);
  if (without.permit) return { kind: "not-needed", explanation: without };
  const withAll = decide(() => true);
  const wanted = withAll.permit ? (policy.uses(withAll)?.approvals ?? []) : [];
  const needs = wanted.flatMap((rule) => {
    const need = policy.approvals.get(rule);
    return need === undefined ? [] : [{ rule, need }];
  });
  const enough = decide((rule) => wanted.includes(rule));
  if (needs.length === 0 || !enough.permit) return { kind: "refused", explanation: withAll.permit ? without : withAll };
  return {
    kind: "needed",
    rules: needs.map(({ rule, need }) => ({
      id: rule,
      people: need.people,
      by: need.by === "*" ? policy.roles : [...need.by],
    })),
    ttlMs: Math.min(...needs.map(({ need }) => need.ttlMs)),
  };
}

/** "max 80, got 90, rule setpoint, policy cb081dfa992b53d5" */
export function explained({ because, failed, rules, policy }: Explanation): string {
  const reason = failed ?? because;
  return [
    ...(reason === undefined ? [] : [reason]),
    ...(rules.length === 0 ? [] : [`${rules.length === 1 ? "rule" : "rules"} ${rules.join(", ")}`]),
    `policy ${policy}`,
  ].join(", ");
}
