export interface EnrolmentRequest {
  readonly key: string;
  /** PKCS #10, PEM, P-256. */
  readonly csr: string;
  /** The id in the registry. */
  readonly name: string;
  readonly role?: string;
  readonly serial?: string;
  /** What the device's own clock says, ISO 8601; noted where it is far off. */
  readonly deviceTime?: string;
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
