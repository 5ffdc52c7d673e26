import type { ApprovalText, RateText, SubjectsText } from "../language/text.ts";
import type { ApprovalNeed, RateLimit } from "./rule.ts";

const unitMs: Readonly<Record<string, number>> = { s: 1_000, m: 60_000, h: 3_600_000 };

export function rateLimit(rule: string, { requests, perSeconds, burst }: RateText): RateLimit {
  // A bucket that cannot hold one token would let nothing through.
  return { rule, burst: Math.max(1, burst ?? requests), perMs: requests / (perSeconds * 1_000) };
}

/** Without `by` those may approve whom the rule permits: an Engineer's command is approved by other Engineers. */
export function approvalNeed({ people, ttl, by }: ApprovalText, permitted: SubjectsText | undefined): ApprovalNeed {
  const roles = by ?? permitted?.roles ?? "*";
  return {
    people,
    ttlMs: Number(ttl.slice(0, -1)) * (unitMs[ttl.slice(-1)] ?? 0),
    by: roles === "*" ? "*" : new Set(roles),
  };
}
