/** A closed set of causes. Callers branch on `code`, never on the sentence. */
export type IdentityErrorCode =
  /** The text is no registration key: a typo, or something else. */
  | "ERR_KEY_MALFORMED"
  /** What was asked of a new key breaks its rules. */
  | "ERR_KEY_OPTIONS"
  /** A key for several uses needs bound serial numbers or manual approval. */
  | "ERR_KEY_REUSABLE"
  /** The file is none of an issuer, of a batch, of a ledger or of keys to import. */
  | "ERR_KEY_FILE"
  /** The issuer is unknown, was revoked, or is not the one who signed. */
  | "ERR_KEY_ISSUER"
  /** No key has this id. */
  | "ERR_KEY_UNKNOWN"
  /** The one answer to an unknown, wrong, expired, used-up or revoked key. */
  | "ERR_ENROLMENT_REFUSED"
  /** Too many refusals for this source; on the wire only the status differs from a refusal. */
  | "ERR_ENROLMENT_THROTTLED"
  /** The request itself is not of the right form. */
  | "ERR_ENROLMENT_REQUEST"
  /** The signing request is none, is for a key of another kind, or does not prove that its sender holds the key. */
  | "ERR_ENROLMENT_CSR"
  /** A company's authority signs what a request says, and this one does not say what the registry will: `wanted` does. */
  | "ERR_ENROLMENT_CSR_CONTENT"
  /** The role is above the key's ceiling, or none of several was named. */
  | "ERR_ENROLMENT_ROLE"
  /** The name or the serial number is in use. */
  | "ERR_ENROLMENT_TAKEN"
  /** The unit is another one's, is not the one that it is listed or bound to, or none is free. */
  | "ERR_ENROLMENT_UNIT"
  /** An installer has to stand behind an enrolment here, and none did who may. */
  | "ERR_ENROLMENT_INSTALLER"
  /** The certificate is not that of somebody who may approve. */
  | "ERR_ENROLMENT_APPROVER"
  /** One more person has to approve, or by an identity of their own. */
  | "ERR_IDENTITY_APPROVAL"
  /** This device's clock is so wrong that the certificate would not hold here. */
  | "ERR_ENROLMENT_CLOCK"
  /** The confirming certificate is unknown, revoked or too late. */
  | "ERR_ENROLMENT_CONFIRM"
  /** The certificate is in the first half of its life. */
  | "ERR_RENEWAL_EARLY"
  /** The certificate has ended: it is recovered, not renewed. */
  | "ERR_RENEWAL_ENDED"
  /** The pin is missing, is none, or the server's root is another one. */
  | "ERR_ENROLMENT_PIN"
  /** The server's certificate does not hold: its chain, its time or its name. */
  | "ERR_ENROLMENT_SERVER"
  | "ERR_ENROLMENT_UNREACHABLE"
  /** The server's answer is not one of enrolment. */
  | "ERR_ENROLMENT_ANSWER"
  /** No refusal that is kept has this correlation code. */
  | "ERR_REFUSAL_UNKNOWN"
  /** No identity has this id. */
  | "ERR_IDENTITY_UNKNOWN"
  | "ERR_IDENTITY_TAKEN"
  /** The identity's state does not allow this step. */
  | "ERR_IDENTITY_STATE"
  /** An id, role, kind, name or network is not of the right form. */
  | "ERR_IDENTITY_INVALID"
  /** The folder already holds an identity; nothing is overwritten. */
  | "ERR_IDENTITY_EXISTS"
  /** Another process renews the identity in this folder. */
  | "ERR_IDENTITY_BUSY"
  /** The folder holds no identity. */
  | "ERR_IDENTITY_MISSING"
  /** The files of an identity or of the authority do not belong together or cannot be read. */
  | "ERR_IDENTITY_DAMAGED"
  | "ERR_AUTHORITY_DAMAGED"
  /** A key is of a kind that cannot sign here, is not the one of its certificate, or its signer signs wrongly. */
  | "ERR_AUTHORITY_KEY"
  /** A key file is encrypted, and its passphrase is missing or another one. */
  | "ERR_AUTHORITY_PASSPHRASE"
  /** What came back from another authority, or a revocation list, does not fit. */
  | "ERR_AUTHORITY_IMPORT"
  /** The company's authority that issues here did not, or did not answer: the same again later. */
  | "ERR_AUTHORITY_AWAY"
  /** A signed bundle is none, was changed, or does not hold now. */
  | "ERR_BUNDLE_INVALID"
  /** The clock stands outside the time in which the authority can issue. */
  | "ERR_AUTHORITY_TIME";

export interface IdentityErrorOptions extends ErrorOptions {
  /** Found again in the audit log, where the reason stands. */
  readonly correlation?: string;
  /** Of ERR_ENROLMENT_CSR_CONTENT. */
  readonly wanted?: WantedContent;
}

/** What a request has to say where a company's authority signs it: CN and URI are the id, the rest as it stands here. */
export interface WantedContent {
  readonly id: string;
  readonly kind: "client" | "device" | "gateway";
  readonly role: string | null;
  /** Host names and addresses of one that serves. */
  readonly names: readonly string[];
}

export class IdentityError extends Error {
  readonly code: IdentityErrorCode;
  readonly correlation?: string;
  readonly wanted?: WantedContent;

  constructor(code: IdentityErrorCode, message: string, options: IdentityErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = "IdentityError";
    this.code = code;
    if (options.correlation !== undefined) this.correlation = options.correlation;
    if (options.wanted !== undefined) this.wanted = options.wanted;
  }
}
