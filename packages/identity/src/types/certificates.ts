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
