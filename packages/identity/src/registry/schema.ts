import type { Generated } from "kysely";

/** Times are milliseconds since 1970; lists and claims are JSON. */
export interface Registry {
  readonly registration_key: KeyRow;
  readonly key_serial: KeySerialRow;
  readonly key_issuer: IssuerRow;
  readonly ledger_peer: LedgerPeerRow;
  readonly identity: IdentityRow;
  readonly certificate: CertificateRow;
  readonly approval: ApprovalRow;
  readonly event: EventTable;
  readonly event_delivery: EventDeliveryRow;
  readonly device_fingerprint: FingerprintRow;
  readonly warning: WarningRow;
}

export interface KeyRow {
  readonly id: string;
  /** HMAC-SHA256(pepper, secret), hex: the table alone opens nothing. */
  readonly secret_hmac: string;
  readonly kind: string;
  readonly roles: string;
  readonly names: string;
  readonly uses: number;
  readonly used: number;
  /** "any": none is asked for · "listed": one of `key_serial` · "required": one must be named, and the proof is over it. */
  readonly serial_rule: string;
  readonly approval: string;
  readonly model: string | null;
  readonly claims: string;
  readonly sources: string;
  readonly certificate_lifetime_ms: number;
  readonly created: number;
  /** Opens nothing before. */
  readonly not_before: number;
  readonly expires: number;
  readonly revoked: number | null;
  /** Why it was, where nobody revoked it by its id: "leaked", "identity-ended". */
  readonly revoked_reason: string | null;
  /**
   * How it is proven: "token" by the HMAC above, "derived" from a batch's key and the serial number, "offline" by its
   * issuer's signature, "public-key" by the key pair that a device made itself.
   */
  readonly form: string;
  /** The one id that may be registered with it. */
  readonly identity_id: string | null;
  readonly unit: number | null;
  readonly note: string | null;
  /** SHA-256 of the device's SubjectPublicKeyInfo, hex, of the form "public-key". */
  readonly public_key: string | null;
  /** The issuer of an offline key, the import of one that was imported. */
  readonly issuer: string | null;
}

export interface IdentityRow {
  readonly id: string;
  readonly kind: string;
  readonly role: string | null;
  readonly state: string;
  /** Why it is in its state, where that is not plain: "unconfirmed", "clone". */
  readonly reason: string | null;
  readonly serial: string | null;
  readonly model: string | null;
  readonly claims: string;
  readonly names: string;
  /** The network a plain client speaks from. */
  readonly source: string | null;
  readonly key_id: string | null;
  readonly registered: number;
  readonly changed: number;
  /** The current certificate. */
  readonly fingerprint: string | null;
  /** While a certificate is owed: the public key it is for (SPKI, base64) and the claim's HMAC (hex). */
  readonly public_key: string | null;
  readonly claim_hmac: string | null;
  /** The request (PEM) while a company's authority is to sign it. */
  readonly csr: string | null;
  readonly certificate_lifetime_ms: number;
  /** Its unit on the listeners and buses that reach it. */
  readonly unit: number | null;
  /** Where it is reached, as it said or as the site file says. */
  readonly address: string | null;
  readonly firmware: string | null;
  /** Function codes, tables and objects, JSON. */
  readonly capabilities: string;
  /** What it said of its own settings, JSON of texts. */
  readonly configuration: string;
  /** How it came in: "api", "est", "installer", "air-gap", "added", "proxied", "site". */
  readonly method: string;
  /** The installer who enrolled it. */
  readonly installer: string | null;
  /** The renewed certificate, until it is confirmed. */
  readonly next_fingerprint: string | null;
  /** How many renewals its holder has confirmed: two holders of one identity do not agree on it. */
  readonly join_counter: number;
  readonly recoveries: number;
  readonly recovery_limit: number;
  /** How many people have to approve. */
  readonly approvals_needed: number;
  /** How long its first certificate may be confirmed, where that is not the usual time. */
  readonly confirm_within_ms: number | null;
  /** JSON list, sorted. */
  readonly tags: string;
}

export interface CertificateRow {
  readonly fingerprint: string;
  readonly identity_id: string;
  readonly serial_number: string;
  readonly chain: string;
  readonly issued: number;
  readonly expires: number;
  /** Until when it has to be confirmed; null once it is. */
  readonly confirm_by: number | null;
  readonly revoked: number | null;
  /** Why it was revoked: "revoked", "retired", "superseded", "unconfirmed", "clone". */
  readonly reason: string | null;
}

/** One person's yes to a pending identity. */
export interface ApprovalRow {
  readonly identity_id: string;
  readonly approver: string;
  readonly at: number;
}

/** A serial number that a key is bound to. */
export interface KeySerialRow {
  readonly key_id: string;
  readonly serial: string;
  /** Since when it does not open the key any more: its device was removed. */
  readonly struck: number | null;
}

/** Who may sign keys away from here, and what they may give at most. */
export interface IssuerRow {
  readonly id: string;
  readonly name: string;
  /** Ed25519, SubjectPublicKeyInfo, base64. */
  readonly public_key: string;
  readonly kinds: string;
  readonly roles: string;
  readonly created: number;
  readonly revoked: number | null;
}

/** What the ledger of another site or gateway says of an offline key. */
export interface LedgerPeerRow {
  readonly key_id: string;
  readonly origin: string;
  readonly used: number;
  readonly serials: string;
}

/** What happened, written in the transaction that made it so, and from here delivered to the audit log. */
export interface EventTable {
  /** Rises by one with every event of this registry. */
  readonly edge: Generated<number>;
  readonly at: number;
  readonly kind: string;
  readonly event: string;
  readonly identity_id: string | null;
  readonly key_id: string | null;
  readonly correlation: string | null;
  /** The rest of it, JSON. */
  readonly fields: string;
}

/** One row: the last edge that the audit log is known to have. */
export interface EventDeliveryRow {
  readonly edge: number;
}

/** The last warning that something ends. */
export interface WarningRow {
  /** What and whose: `certificate:hmi-2`, `key:5M3Y0RKT`. */
  readonly subject: string;
  /** When it ends; another time means that it was renewed since. */
  readonly expires: number;
  /** How many days before it the warning was. */
  readonly days: number;
}

/** What a device is known by, and what it was last seen with where that is something else; both JSON. */
export interface FingerprintRow {
  readonly identity_id: string;
  readonly accepted: string;
  readonly since: number;
  readonly drifted: string | null;
  readonly drifted_since: number | null;
}
