import type { Access } from "@modwarden/access";

/** Who asks or says yes or no: the holder of an identity, or the one who sits at the site's control socket. */
export type Person = { readonly id: string; readonly role: string | null } | { readonly operator: true };

/**
 * open: people are waited for · granted: it may be used once · used · denied · expired · withdrawn by who asked · void:
 * what it rested on is not so any more.
 */
export type ApprovalState = "open" | "granted" | "used" | "denied" | "expired" | "withdrawn" | "void";

/** What one rule of the policy asks for. */
export interface RuleApproval {
  readonly id: string;
  readonly people: number;
  /** Whose holders may approve. */
  readonly by: readonly string[];
}

/** Exactly what is approved: the objects and, of a write, their values. */
export interface ApprovedRequest {
  readonly device: string | null;
  readonly unit: number;
  readonly function: number;
  readonly subfunction?: number;
  readonly accesses: readonly Access[];
  /** For people: "drive control_word := 1279". */
  readonly what: string;
}

/** One request for approval and what became of it, as commands, API and records show it. Times are ISO 8601, UTC. */
export interface Approval {
  readonly id: string;
  readonly state: ApprovalState;
  /** Whose request to the device is approved. */
  readonly subject: { readonly id: string; readonly role: string | null };
  readonly requestedBy: Person;
  readonly request: ApprovedRequest;
  /** With how many people each rule has so far. */
  readonly rules: readonly (RuleApproval & { readonly approvals: number })[];
  readonly approvals: readonly { readonly by: Person; readonly at: string }[];
  readonly policy: string;
  readonly requested: string;
  readonly expires: string;
  /** When and why it left "open" and "granted"; null until then. */
  readonly ended: string | null;
  readonly reason: string | null;
}

export type StepName =
  | "requested"
  | "approved"
  | "granted"
  | "used"
  | "denied"
  | "withdrawn"
  | "expired"
  | "void"
  /** Somebody who approved is nobody who may any more: that yes does not count. */
  | "dropped";

/** One step of an approval's life, as it is recorded. */
export interface Step {
  readonly event: StepName;
  readonly approval: Approval;
  /** Who did it; absent where the site did. */
  readonly by?: Person;
  readonly reason?: string;
}

/** Identities that differ only by case are one. */
export function isSamePerson(left: Person, right: Person): boolean {
  if ("operator" in left || "operator" in right) return "operator" in left && "operator" in right;
  return left.id.toLowerCase() === right.id.toLowerCase();
}

export function nameOf(person: Person): string {
  return "operator" in person ? "the operator at the site" : person.id;
}
