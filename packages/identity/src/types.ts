import type { IdentityEvent } from "./events.ts";
import type { RandomSource } from "./registration-key.ts";
import type { ThrottleOptions } from "./throttle.ts";
import type { AuthorityOptions, AuthorityService } from "./types/authority.ts";
import type { ServerCertificate, ServerCertificateRequest } from "./types/certificates.ts";
import type { Confirmation, Enrolment, EnrolmentRequest } from "./types/enrolment.ts";
import type { DeviceFingerprint, FingerprintDetails, FingerprintVerdict } from "./types/fingerprint.ts";
import type {
  Approver,
  HistoryEntry,
  IdentityDetails,
  IdentityListing,
  IdentityStory,
  ListedDevice,
  NewIdentity,
  NotADevice,
  SubjectChange,
  SubjectRecord,
  TagChange,
} from "./types/identities.ts";
import type { RegistrationKeys } from "./types/key-service.ts";
import type { RefusalExplanation, RefusalListing, RefusalQuery } from "./types/refusals.ts";
import type { OfferedRenewal, RenewalRequest } from "./types/renewal.ts";
import type { SiteFacts } from "./types/site.ts";

export type {
  AuthorityCertificate,
  AuthorityOptions,
  AuthorityService,
  AuthorityStatus,
  ListStatus,
} from "./types/authority.ts";
export type { ServerCertificate, ServerCertificateRequest, TlsCredentials } from "./types/certificates.ts";
export type {
  ClaimedEnrolment,
  Confirmation,
  Enrolment,
  EnrolmentMethod,
  EnrolmentRequest,
  PendingEnrolment,
} from "./types/enrolment.ts";
export type { DeviceFingerprint, FingerprintDetails, FingerprintVerdict } from "./types/fingerprint.ts";
export type {
  Approver,
  HistoryEntry,
  IdentityDetails,
  IdentityListing,
  IdentityState,
  IdentityStory,
  ListedDevice,
  NewIdentity,
  NotADevice,
  SubjectChange,
  SubjectRecord,
  TagChange,
} from "./types/identities.ts";
export type {
  Authenticity,
  AuthenticityQuestion,
  BatchListing,
  BatchOptions,
  DerivedKey,
  ImportedKeys,
  ImportOptions,
  IssuerListing,
  IssuerTrust,
  LeakReport,
  LedgerConflict,
  LedgerImport,
  RegistrationKeys,
  SerialRecord,
} from "./types/key-service.ts";
export type {
  CreatedKey,
  KeyApproval,
  KeyDetails,
  KeyListing,
  KeyListOptions,
  KeyOptions,
  ManyKeys,
} from "./types/keys.ts";
export type { Capabilities, DeviceDescription } from "./types/record.ts";
export type { RefusalExplanation, RefusalListing, RefusalQuery } from "./types/refusals.ts";
export type { OfferedRenewal, RenewalRequest } from "./types/renewal.ts";
export type { Reach, SiteFacts } from "./types/site.ts";

export interface IdentityOptions {
  /** The site's data folder; `ca/`, `registry.sqlite` and `registry.pepper` stand in it. */
  readonly dir: string;
  readonly now: () => Date;
  readonly random?: RandomSource;
  /** A change is on disk: resolves when everybody judges by it, and only then is it answered. One call at a time. */
  readonly onChange?: (change: SubjectChange) => Promise<void>;
  /**
   * Takes events, in order, after the change is on disk and in the snapshot; resolves when the audit log has them. What
   * it did not take is offered again with the next event, or at the next start: of edges up to `left`, which an earlier
   * process left, the log may have some already.
   */
  readonly deliver?: (events: readonly IdentityEvent[], left: number) => Promise<void>;
  /** Why `deliver` did not take them. */
  readonly onError?: (error: unknown) => void;
  readonly refusals?: Partial<ThrottleOptions>;
  readonly site?: SiteFacts;
  /** How the keys of the authority are opened; its own files, not encrypted, unless said. */
  readonly authority?: AuthorityOptions;
}

export interface IdentityService {
  /** `sha256/<base64>` of the root's SubjectPublicKeyInfo. */
  readonly pin: string;
  /** The root (PEM). */
  readonly root: string;
  /** Issuing and root (PEM). */
  readonly chain: string;
  readonly keys: RegistrationKeys;
  /**
   * Errors: ERR_ENROLMENT_REFUSED (with correlation), ERR_ENROLMENT_THROTTLED, and, once the key has proven good,
   * ERR_ENROLMENT_CSR, ERR_ENROLMENT_ROLE, ERR_ENROLMENT_TAKEN, ERR_ENROLMENT_UNIT, ERR_ENROLMENT_INSTALLER,
   * ERR_ENROLMENT_REQUEST. Only success uses the key. The same request again leads to what the first has become.
   */
  enrol(request: EnrolmentRequest): Promise<Enrolment>;
  /** What a pending enrolment has become. Errors: ERR_ENROLMENT_REFUSED, ERR_ENROLMENT_THROTTLED */
  claim(request: { readonly id: string; readonly claim: string; readonly source: string }): Promise<Enrolment>;
  /** The same by a text that was carried across an air gap. Error: ERR_ENROLMENT_CONFIRM */
  confirmCarried(text: string): Promise<Confirmation>;
  /** Whether this certificate is out and waits for its holder to show it. */
  awaitsConfirmation(fingerprint: string): Promise<boolean>;
  /**
   * The holder of the certificate has it and its key. A renewed one takes the place of the one before. Errors:
   * ERR_ENROLMENT_CONFIRM, ERR_ENROLMENT_THROTTLED, and ERR_RENEWAL_ENDED for one that counts and has ended
   */
  confirm(fingerprint: string, source?: string): Promise<Confirmation>;
  /**
   * A certificate in place of the one that was shown, once it is confirmed. Errors: ERR_RENEWAL_EARLY,
   * ERR_RENEWAL_ENDED, ERR_ENROLMENT_CSR, ERR_ENROLMENT_THROTTLED, and ERR_ENROLMENT_REFUSED (with correlation)
   */
  renew(request: RenewalRequest): Promise<OfferedRenewal>;
  /** The same with a certificate that has ended, which is counted against a limit. Errors as `renew`, never _ENDED */
  recover(request: RenewalRequest): Promise<OfferedRenewal>;
  /** Revokes what was not confirmed in time and gives the uses back; returns the ids. Runs before every enrolment too. */
  expireUnconfirmed(now?: Date): Promise<readonly string[]>;
  readonly refusals: {
    /** The newest first. The newest 10,000 are kept. */
    list(query?: RefusalQuery): Promise<readonly RefusalListing[]>;
    /** What happened to the request whose sender was given this correlation code. Error: ERR_REFUSAL_UNKNOWN */
    why(code: string): Promise<RefusalExplanation>;
  };
  /** Ends what nobody approved in seven days, or fetched in seven more, and frees ids that were kept for a key which has ended; returns the ids. */
  expireWaiting(now?: Date): Promise<readonly string[]>;
  readonly identities: {
    /** Errors: ERR_IDENTITY_TAKEN, ERR_IDENTITY_INVALID */
    add(identity: NewIdentity): Promise<IdentityListing>;
    /**
     * Registers the devices that the site lists; returns the ids that are registered as something else. Error:
     * ERR_IDENTITY_INVALID
     */
    registerDevices(devices: readonly ListedDevice[]): Promise<readonly NotADevice[]>;
    list(): Promise<readonly IdentityListing[]>;
    /** Everything that is known of it, its newest events too. Error: ERR_IDENTITY_UNKNOWN */
    show(id: string): Promise<IdentityStory>;
    /** The newest events, oldest of them first. `most`: at most 1000, default 100. */
    history(id: string, most?: number): Promise<readonly HistoryEntry[]>;
    find(id: string): Promise<IdentityDetails | undefined>;
    /** Each of these: ERR_IDENTITY_UNKNOWN, ERR_IDENTITY_STATE when the state does not allow it. */
    approve(id: string, by?: Approver): Promise<IdentityListing>;
    deny(id: string, by?: Approver): Promise<IdentityListing>;
    /**
     * The active identity whose certificate was shown; anybody else is refused, throttled and on record. Errors:
     * ERR_ENROLMENT_APPROVER, ERR_ENROLMENT_THROTTLED
     */
    holder(by: Approver): Promise<{ readonly id: string; readonly role: string | null }>;
    suspend(id: string): Promise<IdentityListing>;
    /**
     * Until its certificate is renewed an identity whose role was changed has the NULL role. Errors:
     * ERR_IDENTITY_UNKNOWN, ERR_IDENTITY_STATE, and ERR_IDENTITY_INVALID above its registration key's ceiling
     */
    setRole(id: string, role: string | null): Promise<IdentityListing>;
    /** At once, for the sessions it has open too. Errors: ERR_IDENTITY_UNKNOWN, ERR_IDENTITY_STATE, -_INVALID */
    setTags(id: string, change: TagChange): Promise<IdentityListing>;
    /** One that two hold is resumed only with `despiteClone`: whoever holds the certificate that counts is let in. */
    resume(id: string, options?: { readonly despiteClone?: boolean }): Promise<IdentityListing>;
    revoke(id: string): Promise<IdentityListing>;
    retire(id: string): Promise<IdentityListing>;
    /** Counts its recoveries from now on, against `limit` where one is given. Errors: ERR_IDENTITY_UNKNOWN, -_INVALID */
    resetRecoveries(id: string, limit?: number): Promise<IdentityDetails>;
  };
  /** A key and certificate for a server of this site; a gateway is entered in the registry under its id. */
  issueServerCertificate(request: ServerCertificateRequest): Promise<ServerCertificate>;
  /** The same for the enrolment endpoint, which is no subject and so not in the registry. */
  issueEndpointCertificate(names: readonly string[]): Promise<ServerCertificate>;
  readonly authority: AuthorityService;
  /** Everything but the retired, as of the last change. */
  subjectsSnapshot(): readonly SubjectRecord[];
  /** One of them, by its id in any case. */
  subject(id: string): SubjectRecord | undefined;
  /** What devices are known by that cannot enrol. Errors of each: ERR_IDENTITY_UNKNOWN */
  readonly fingerprints: {
    /** A device was read: the first time is what it is known by. `bar`: one that is not that any more is suspended. */
    record(id: string, seen: DeviceFingerprint, bar: boolean): Promise<FingerprintVerdict>;
    /** What it was last seen with is right. Error: ERR_IDENTITY_STATE where nothing has drifted. */
    accept(id: string): Promise<IdentityListing>;
    /** Undefined for a device that was never read. */
    show(id: string): Promise<FingerprintDetails | undefined>;
  };
  readonly events: {
    /** How many events the audit log does not have yet. */
    readonly undelivered: number;
    /** Offers them to it again. */
    deliver(): Promise<void>;
  };
  close(): Promise<void>;
}
