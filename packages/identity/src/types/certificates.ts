/** A key and its certificate, as TLS takes them. */
export interface TlsCredentials {
  /** PEM, PKCS #8. */
  readonly key: string;
  /** PEM: leaf, issuing, root. */
  readonly chain: string;
}

export interface ServerCertificate extends TlsCredentials {
  /** Of a gateway that is a client as well: what it shows to devices. */
  readonly link?: TlsCredentials;
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
  /** It speaks to devices over TLS as well, in this role: certificates are for one end of a connection only. */
  readonly link?: { readonly role: string | null };
}
