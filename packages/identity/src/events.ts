/** Why a key was refused. For the audit log only: the one who asked never learns it. */
export type RefusalReason =
  | "malformed"
  | "unknown"
  | "wrong-secret"
  | "expired"
  | "used-up"
  | "revoked"
  | "serial"
  | "source"
  | "claim"
  | "throttled";

/** What happens to registration keys and with them. */
export type EnrolmentEventName =
  | "key-created"
  | "key-revoked"
  /** A key, or what was asked with a good one, was refused; `reason` says why. */
  | "refused"
  /** A key was good and approval by a person is awaited. */
  | "pending"
  /** A certificate was handed out; it counts once confirmed. */
  | "claimed"
  | "confirmed"
  /** Not confirmed in time: revoked, and the key's use given back. */
  | "unconfirmed";

/** What happens to identities in the registry. */
export type IdentityEventName =
  | "added"
  | "approved"
  | "activated"
  | "suspended"
  | "resumed"
  | "revoked"
  | "retired"
  /** A server's certificate was issued by the site itself. */
  | "issued";

/** One edge of a state or one refusal, as audit records it. Never holds a secret. */
export interface IdentityEvent {
  readonly kind: "enrolment" | "identity";
  readonly event: EnrolmentEventName | IdentityEventName;
  readonly at: Date;
  /** The identity's id. */
  readonly id?: string;
  /** The registration key's id (its public half). */
  readonly key?: string;
  readonly role?: string;
  readonly fingerprint?: string;
  /** A RefusalReason, or the error code of what was refused with a good key. */
  readonly reason?: string;
  /** The code that the refused one was given. */
  readonly correlation?: string;
  /** The address it came from. */
  readonly source?: string;
}
