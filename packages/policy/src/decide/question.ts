import type { Access, Explanation, Transport } from "@modwarden/access";
import type { SubjectKind } from "../language/text.ts";
import type { ApprovalNeed, RateLimit } from "../rules/rule.ts";
import type { Moment, Need, Watch } from "./moment.ts";

/** One request as a policy judges it. */
export interface Question {
  /** The identity in the registry; null: not registered. */
  readonly subject: string | null;
  /** The effective role; null: the NULL role. */
  readonly role: string | null;
  /** What the registry says of the subject. */
  readonly kind?: SubjectKind;
  readonly tags?: readonly string[];
  readonly transport: Transport;
  /** URL of the listener, as the site file has it. */
  readonly listener?: string;
  /** The client's address, with or without port; unknown on links that have none. */
  readonly source?: string;
  readonly unit: number;
  readonly device: string | null;
  readonly functionCode: number;
  /** Sub-function of 8, MEI type of 43. */
  readonly subfunction?: number;
  /** Never empty for a request that can be permitted. */
  readonly accesses: readonly Access[];
  /** Milliseconds since 1970; undefined: not known, and no time window holds. */
  readonly atMs?: number;
  /** What is known of the plant; undefined: nothing, and no condition on it holds. */
  readonly moment?: Moment;
}

/** What acting on a permit uses up. */
export interface Uses {
  readonly rates: readonly RateLimit[];
  /** Ids of the rules whose approval it was. */
  readonly approvals: readonly string[];
}

/** A compiled policy: immutable, and a function of its questions. */
export interface Policy {
  /** SHA-256 over the canonical document, the first 16 hex digits. */
  readonly hash: string;
  readonly mode: "enforce" | "shadow";
  readonly roles: readonly string[];
  /** The whole decision. What depends on a moment that the question does not have does not hold. */
  decide(question: Question): Explanation;
  /** The part of it that needs no moment: the answer, or undefined when the moment decides. */
  screen(question: Question): Explanation | undefined;
  /** What has to be known, and how fresh, before such a question can be decided. */
  needs(question: Question): readonly Need[];
  /** What acting on a permit uses up; undefined: nothing. */
  uses(permit: Explanation): Uses | undefined;
  /** The points whose movement has to be followed for slew limits. */
  readonly watches: readonly Watch[];
  /** What rules ask for in people's approval, by the id of the rule. */
  readonly approvals: ReadonlyMap<string, ApprovalNeed>;
}
