import type { DeviceDescription } from "./record.ts";

/** How an identity came in; the first four are enrolments. */
export type EnrolmentMethod = "api" | "est" | "installer" | "air-gap";

export interface EnrolmentRequest {
  readonly key: string;
  /** PKCS #10, PEM. */
  readonly csr: string;
  /** The id in the registry. */
  readonly name: string;
  readonly role?: string;
  readonly serial?: string;
  readonly device?: DeviceDescription;
  /** What the device's own clock says, ISO 8601; noted where it is far off. */
  readonly deviceTime?: string;
  /** The address of whoever asks. */
  readonly source: string;
  /** Default "api". */
  readonly method?: EnrolmentMethod;
  /** SHA-256 of the certificate that whoever asks has shown over TLS: an installer's. */
  readonly presented?: string;
  /** The certificate is carried to its device: it may be confirmed for so long. Default 10 minutes. */
  readonly confirmWithinMs?: number;
}

/** A certificate is out and has to be confirmed until `confirmBy`. */
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
  readonly confirmBy: string;
  readonly serverTime: string;
  /** All of it and more, signed: what the holder is given. */
  readonly bundle: string;
}

/**
 * A person has to approve, or a company's authority to issue; `claim` fetches the certificate afterwards and is kept
 * like a secret.
 */
export interface PendingEnrolment {
  readonly id: string;
  readonly role: string | null;
  readonly state: "pending";
  /** It is approved, and the company's authority has not issued its certificate yet. */
  readonly waitsFor?: "authority" | undefined;
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
