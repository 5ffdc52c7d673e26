import {
  type Approval,
  type ApprovalState,
  type ApprovedRequest,
  isSamePerson,
  type Person,
  type RuleApproval,
} from "./approval.ts";

/** What approvals rest on, as it is now. */
export interface Standing {
  /** The hash of the policy in force. */
  readonly policy: string;
  /** The role of an identity that is active; undefined for anybody else. */
  readonly roleOf: (id: string) => string | null | undefined;
}

/** What is asked for. */
export interface Draft {
  readonly subject: { readonly id: string; readonly role: string | null };
  readonly requestedBy: Person;
  readonly request: ApprovedRequest;
  /** Never empty. */
  readonly rules: readonly RuleApproval[];
  /** Hash of the policy that asks for it. */
  readonly policy: string;
  readonly ttlMs: number;
}

/** One approval while the book keeps it. */
export class Entry {
  readonly id: string;
  readonly draft: Draft;
  readonly requestedMs: number;
  readonly expiresMs: number;
  state: ApprovalState = "open";
  approvals: { readonly by: Person; readonly atMs: number }[] = [];
  endedMs: number | undefined;
  reason: string | undefined;

  constructor(id: string, draft: Draft, nowMs: number) {
    this.id = id;
    this.draft = draft;
    this.requestedMs = nowMs;
    this.expiresMs = nowMs + draft.ttlMs;
  }

  isOf(subject: string): boolean {
    return this.draft.subject.id.toLowerCase() === subject.toLowerCase();
  }

  /** Who asked, and for whom it was asked. */
  isOwn(person: Person): boolean {
    return isSamePerson(person, this.draft.requestedBy) || isSamePerson(person, this.draft.subject);
  }

  rulesOpen(): readonly RuleApproval[] {
    return this.draft.rules.filter((rule) => this.#count(rule) < rule.people);
  }

  isSatisfied(): boolean {
    return this.rulesOpen().length === 0;
  }

  /** Whether a yes of this person helps a rule that has not enough people yet. */
  waitsFor(person: Person): boolean {
    return this.rulesOpen().some((rule) => mayFor(rule, person));
  }

  mayApprove(person: Person): boolean {
    return this.draft.rules.some((rule) => mayFor(rule, person));
  }

  /** Why it cannot stand any more, whoever approved it. */
  fallen({ policy, roleOf }: Standing): string | undefined {
    const { subject } = this.draft;
    if (policy !== this.draft.policy) return "another policy is in force";
    const role = roleOf(subject.id);
    if (role === undefined) return `${subject.id} is not active any more`;
    return role === subject.role ? undefined : `${subject.id} has another role now`;
  }

  view(): Approval {
    const { subject, requestedBy, request, rules, policy } = this.draft;
    return {
      id: this.id,
      state: this.state,
      subject,
      requestedBy,
      request,
      rules: rules.map((rule) => ({ ...rule, approvals: this.#count(rule) })),
      approvals: this.approvals.map(({ by, atMs }) => ({ by, at: iso(atMs) })),
      policy,
      requested: iso(this.requestedMs),
      expires: iso(this.expiresMs),
      ended: this.endedMs === undefined ? null : iso(this.endedMs),
      reason: this.reason ?? null,
    };
  }

  #count(rule: RuleApproval): number {
    return this.approvals.filter(({ by }) => mayFor(rule, by)).length;
  }
}

/** The one at the site's control socket is one person for every rule. Nobody without a role is. */
function mayFor({ by }: RuleApproval, person: Person): boolean {
  if ("operator" in person) return true;
  return person.role !== null && by.includes(person.role);
}

function iso(ms: number): string {
  return new Date(ms).toISOString();
}
