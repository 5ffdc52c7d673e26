import type { RenewalPlan } from "../renewal/schedule.ts";

/** What the holder of a certificate asks, whose key TLS has proven. */
export interface RenewalRequest {
  /** Of the certificate that was shown. */
  readonly fingerprint: string;
  /** PKCS #10, PEM, P-256, for a key that was never in use. */
  readonly csr: string;
  /** How many renewals its holder has confirmed; who does not count them (EST) leaves it out. */
  readonly counter?: number;
  /** Before half of the certificate's life is over. */
  readonly force?: boolean;
  /** The address of whoever asks. */
  readonly source: string;
}

/** A certificate for the new key. The one before counts until this one is confirmed, within ten minutes. */
export interface OfferedRenewal {
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
  /** What its holder counts once it has confirmed. */
  readonly counter: number;
  /** When it should be renewed itself. */
  readonly renewal: RenewalPlan;
  /** All of it and more, signed. */
  readonly bundle: string;
}
