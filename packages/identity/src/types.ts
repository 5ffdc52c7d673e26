import type { IdentityKind } from "./certificate/issue.ts";
import type { IdentityEvent } from "./events.ts";
import type { RandomSource } from "./registration-key.ts";
import type { ThrottleOptions } from "./throttle.ts";

/**
 * issued: a key was made for this id · pending: the key was good, a person has to approve · approved: the certificate may be fetched · claimed: the
 * certificate is out, not confirmed · active · suspended: may come back · revoked: may not, and its name stays taken ·
 * retired: gone, its name is free.
 */
export type IdentityState =
  | "issued"
  | "pending"
  | "approved"
  | "claimed"
  | "active"
  | "suspended"
  | "revoked"
  | "retired";

export interface IdentityOptions {
  /** The site's data folder; `ca/`, `registry.sqlite` and `registry.pepper` stand in it. */
  readonly dir: string;
  readonly now: () => Date;
  readonly random?: RandomSource;
  /**
   * Takes events, in order, after the change is on disk and in the snapshot; resolves when the audit log has them. What
   * it did not take is offered again with the next event, or at the next start.
   */
  readonly deliver?: (events: readonly IdentityEvent[]) => Promise<void>;
  /** Why `deliver` did not take them. */
  readonly onError?: (error: unknown) => void;
  readonly refusals?: Partial<ThrottleOptions>;
}

export interface KeyOptions {
  readonly kind: IdentityKind;
  /** The ceiling: with one role that one is taken, of several the request names one. None: the NULL role. */
  readonly roles: readonly string[];
  /** How many enrolments; more than one needs `serials` or `approval: "manual"`. Default 1. */
  readonly uses?: number;
  /** Default 24 h. */
  readonly expiresInMs?: number;
  /** Serial numbers it is bound to; each enrols once. */
  readonly serials?: readonly string[];
  readonly approval?: "auto" | "manual";
  /**
   * Host names and addresses of a gateway or device that serves; without them its certificate is a client's. Only
   * from here: a name that the one who enrols could choose would let it pass for another server.
   */
  readonly names?: readonly string[];
  readonly model?: string;
  /** Warranty, batch and the like; kept with what enrols. */
  readonly claims?: Readonly<Record<string, string>>;
  /** Networks it may be used from (CIDR); none: from everywhere. */
  readonly sources?: readonly string[];
  /** Default 90 days. */
  readonly certificateLifetimeMs?: number;
}

/** `key` is shown once and kept nowhere. JSON of `key create`: expires as ISO 8601. */
export interface CreatedKey {
  readonly id: string;
  readonly key: string;
  readonly expires: string;
  readonly pin: string;
}

export interface KeyListing {
  readonly id: string;
  readonly kind: IdentityKind;
  readonly roles: readonly string[];
  readonly state: "open" | "used-up" | "expired" | "revoked";
  readonly uses: number;
  readonly used: number;
  readonly serials: readonly string[];
  readonly approval: "auto" | "manual";
  readonly created: string;
  readonly expires: string;
}

export interface EnrolmentRequest {
  readonly key: string;
  /** PKCS #10, PEM, P-256. */
  readonly csr: string;
  /** The id in the registry. */
  readonly name: string;
  readonly role?: string;
  readonly serial?: string;
  /** The address of whoever asks. */
  readonly source: string;
}

/** A certificate is out and has to be confirmed within ten minutes. */
export interface ClaimedEnrolment {
  readonly id: string;
  readonly role: string | null;
  readonly state: "claimed";
  /** PEM: leaf, issuing, root. */
  readonly chain: string;
  /** PEM of the root. */
  readonly anchors: readonly string[];
  readonly fingerprint: string;
  readonly expires: string;
  readonly serverTime: string;
}

/** A person has to approve; `claim` fetches the certificate afterwards and is kept like a secret. */
export interface PendingEnrolment {
  readonly id: string;
  readonly role: string | null;
  readonly state: "pending";
  readonly claim: string;
  readonly anchors: readonly string[];
  readonly serverTime: string;
}

export type Enrolment = ClaimedEnrolment | PendingEnrolment;

export interface Confirmation {
  readonly id: string;
  readonly role: string | null;
  readonly state: "active" | "suspended";
  readonly fingerprint: string;
  readonly expires: string;
}

/** One row of `identity list --json`. `serial` is the device's serial number, as its key was bound to it. */
export interface IdentityListing {
  readonly id: string;
  readonly kind: IdentityKind;
  readonly role: string | null;
  readonly state: IdentityState;
  readonly serial: string | null;
  readonly fingerprint: string | null;
  readonly expires: string | null;
}

export interface IdentityDetails extends IdentityListing {
  readonly reason: string | null;
  readonly model: string | null;
  readonly claims: Readonly<Record<string, string>>;
  readonly names: readonly string[];
  readonly source: string | null;
  readonly key: string | null;
  readonly registered: string;
  readonly changed: string;
  readonly certificateSerial: string | null;
}

/** What the lines need to know of one subject; plain data that goes to another thread. */
export interface SubjectRecord {
  readonly id: string;
  readonly kind: IdentityKind;
  readonly role: string | null;
  /** Only "active" may do anything. */
  readonly state: IdentityState;
  /** SHA-256 of the one certificate that is its own now, hex. */
  readonly fingerprint?: string;
  /** When that certificate ends, milliseconds since 1970. */
  readonly expires?: number;
  /** The network of a registered plain client (CIDR). */
  readonly source?: string;
}

export interface NewIdentity {
  readonly id: string;
  readonly kind: "client" | "device";
  readonly role: string | null;
  /** The network it speaks from (CIDR). */
  readonly source?: string;
}

export interface ServerCertificate {
  /** PEM, PKCS #8. */
  readonly key: string;
  /** PEM: leaf, issuing, root. */
  readonly chain: string;
  readonly fingerprint: string;
  readonly expires: string;
}

export interface ServerCertificateRequest {
  readonly id: string;
  readonly kind: "gateway";
  /** Host names and addresses. */
  readonly names: readonly string[];
  /** Default 90 days. */
  readonly lifetimeMs?: number;
}

export interface IdentityService {
  /** `sha256/<base64>` of the root's SubjectPublicKeyInfo. */
  readonly pin: string;
  /** The root (PEM). */
  readonly root: string;
  /** Issuing and root (PEM). */
  readonly chain: string;
  readonly keys: {
    /** Errors: ERR_KEY_OPTIONS, ERR_KEY_REUSABLE, ERR_IDENTITY_INVALID */
    create(options: KeyOptions): Promise<CreatedKey>;
    list(): Promise<readonly KeyListing[]>;
    /** Error: ERR_KEY_UNKNOWN. A key revoked twice stays revoked. */
    revoke(id: string): Promise<void>;
  };
  /**
   * Errors: ERR_ENROLMENT_REFUSED (with correlation), ERR_ENROLMENT_THROTTLED, and, once the key has proven good,
   * ERR_ENROLMENT_CSR, ERR_ENROLMENT_ROLE, ERR_ENROLMENT_TAKEN, ERR_ENROLMENT_REQUEST. Only success uses the key.
   */
  enrol(request: EnrolmentRequest): Promise<Enrolment>;
  /** The same for EST, whose clients repeat a request to learn what has become of it. Errors as `enrol` */
  enrolByEst(request: EnrolmentRequest): Promise<Enrolment>;
  /** What a pending enrolment has become. Errors: ERR_ENROLMENT_REFUSED, ERR_ENROLMENT_THROTTLED */
  claim(request: { readonly id: string; readonly claim: string; readonly source: string }): Promise<Enrolment>;
  /** Whether this certificate is out and waits for its holder to show it. */
  awaitsConfirmation(fingerprint: string): Promise<boolean>;
  /** The holder of the certificate has it and its key. Error: ERR_ENROLMENT_CONFIRM */
  confirm(fingerprint: string, source?: string): Promise<Confirmation>;
  /** Revokes what was not confirmed in time and gives the uses back; returns the ids. Runs before every enrolment too. */
  expireUnconfirmed(now?: Date): Promise<readonly string[]>;
  readonly identities: {
    /** Errors: ERR_IDENTITY_TAKEN, ERR_IDENTITY_INVALID */
    add(identity: NewIdentity): Promise<IdentityListing>;
    list(): Promise<readonly IdentityListing[]>;
    /** Error: ERR_IDENTITY_UNKNOWN */
    show(id: string): Promise<IdentityDetails>;
    find(id: string): Promise<IdentityDetails | undefined>;
    /** Each of these: ERR_IDENTITY_UNKNOWN, ERR_IDENTITY_STATE when the state does not allow it. */
    approve(id: string): Promise<IdentityListing>;
    suspend(id: string): Promise<IdentityListing>;
    resume(id: string): Promise<IdentityListing>;
    revoke(id: string): Promise<IdentityListing>;
    retire(id: string): Promise<IdentityListing>;
  };
  /** A key and certificate for a server of this site; a gateway is entered in the registry under its id. */
  issueServerCertificate(request: ServerCertificateRequest): Promise<ServerCertificate>;
  /** The same for the enrolment endpoint, which is no subject and so not in the registry. */
  issueEndpointCertificate(names: readonly string[]): Promise<ServerCertificate>;
  /** Everything but the retired, as of the last change. */
  subjectsSnapshot(): readonly SubjectRecord[];
  close(): Promise<void>;
}
