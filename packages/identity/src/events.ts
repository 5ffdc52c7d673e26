/**
 * Why somebody was refused. For the audit log only: the one who asked learns it only where the key had proven good
 * (role, csr, taken, request). docs/refusals/ has a page for each.
 */
export type RefusalReason =
  | "malformed"
  | "unknown"
  | "wrong-secret"
  | "expired"
  | "used-up"
  | "revoked"
  | "serial"
  | "source"
  | "unit"
  | "model"
  | "name"
  | "clock"
  | "role"
  | "csr"
  /** The company's authority that issues here has issued nothing, or something else. */
  | "authority"
  | "taken"
  | "request"
  | "claim"
  | "clone"
  | "recovery-limit"
  /** Its identity is suspended: a person has locked it. */
  | "suspended"
  /** A renewal in the first half of a certificate's life. */
  | "early"
  | "not-confirmed"
  /** Nobody who may install stood behind the request, or somebody who may not. */
  | "installer"
  /** Somebody who may not approve did. */
  | "approver"
  | "throttled";

/** What happens to registration keys and with them. */
export type EnrolmentEventName =
  | "key-created"
  | "key-revoked"
  | "key-imported"
  | "key-leaked"
  | "key-expires-soon"
  /** A serial number of a key for several does not open it any more. */
  | "key-serial-struck"
  /** An offline key was used more often, in several ledgers together, than it may be. */
  | "key-conflict"
  | "ledger-imported"
  /** A batch's key left the site in a file. */
  | "key-batch-exported"
  /** Offline keys of an issuer open enrolments from now on, or do not any more. */
  | "issuer-trusted"
  | "issuer-revoked"
  /** A key, or what was asked with a good one, was refused; `reason` says why. */
  | "refused"
  /** A key was good and approval by a person is awaited. */
  | "pending"
  /** A key was good, and the certificate is asked of the company's authority. */
  | "requested"
  /** A certificate was handed out; it counts once confirmed. */
  | "claimed"
  /** The holder has shown the certificate: active from now on. */
  | "confirmed"
  /** A certificate was handed out in place of one that ends; it counts once confirmed. */
  | "renewing"
  | "renewed"
  /** The same, for one whose certificate had ended already. */
  | "recovering"
  | "recovered"
  /** Not confirmed in time: revoked, and the key's use given back. */
  | "unconfirmed"
  /** Not approved in time: ended, and the key's use given back. */
  | "lapsed";

/** What happens to identities in the registry. */
export type IdentityEventName =
  | "added"
  /** A key was made for this id, which is kept for it from now on. */
  | "reserved"
  /** One of several people who have to has said yes. */
  | "approval"
  | "approved"
  /** Somebody who may approve has said no. */
  | "denied"
  | "suspended"
  | "resumed"
  | "revoked"
  | "retired"
  /** A server's certificate was issued by the site itself. */
  | "issued"
  /** Two hold this identity: both are locked. */
  | "cloned"
  /** Its recoveries are counted from the beginning, or against another limit. */
  | "recoveries-reset"
  | "expires-soon"
  /** It has another role in the registry; its certificate follows with the next renewal. */
  | "role-set"
  /** It has other tags; `detail` says which came and which went. */
  | "tagged"
  /** A device that the site lists has another unit or address there. */
  | "moved"
  /** What a device is known by was read, or was not what it had been. */
  | "fingerprinted"
  | "drifted";

/** One edge of a state or one refusal, as audit records it. Never holds a secret. */
export interface IdentityEvent {
  /** Rises by one with every event of a registry: a record that came twice is known by it. */
  readonly edge: number;
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
  /** Who did it, where that is known: an installer, an approver. */
  readonly by?: string;
  /** What else belongs to it, such as `days` or `serial`. */
  readonly detail?: Readonly<Record<string, string | number>>;
}

/** An event before it is written. */
export type EventDraft = Omit<IdentityEvent, "at" | "edge">;

const REVOKING: ReadonlySet<string> = new Set([
  "revoked",
  "retired",
  "unconfirmed",
  "renewed",
  "recovered",
  "cloned",
  "issued",
]);

/** Whether a certificate may have been revoked with it. */
export function revokes({ event }: Pick<IdentityEvent, "event">): boolean {
  return REVOKING.has(event);
}
