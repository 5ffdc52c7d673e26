import type { PeerCertificate, SecureContextOptions } from "node:tls";

/** PEM text, or several of them. */
export type Pem = string | Buffer | readonly (string | Buffer)[];

/** What a client shows and what it accepts. Without key and certificate a Modbus/TCP Security server refuses. */
export interface TlsClientOptions {
  readonly key?: Pem;
  /** The whole chain, leaf first. MB-TCP-Security R-46 */
  readonly cert?: Pem;
  /** The authorities that may vouch for the server. Nothing else is trusted. */
  readonly ca: Pem;
  /** The name the server's certificate has to carry; default is the URL's host. */
  readonly serverName?: string;
  /** Replaces the comparison of names: returns an error to refuse the server. The chain is checked in any case. */
  readonly checkServer?: (serverName: string, certificate: PeerCertificate) => Error | undefined;
}

export interface TlsServerOptions {
  readonly key: Pem;
  /** The whole chain, leaf first. MB-TCP-Security R-46 */
  readonly cert: Pem;
  /** The authorities that may vouch for clients. */
  readonly ca: Pem;
  /** One list per authority of the chain, else every client is refused. */
  readonly crl?: Pem;
  /** Asks clients for a certificate; default true. MB-TCP-Security R-07 */
  readonly requestCert?: boolean;
  /** Ends the handshake of a client whose certificate is missing or does not verify; default true. R-10 */
  readonly rejectUnauthorized?: boolean;
}

/**
 * TLS 1.2 or newer, suites with forward secrecy and authenticated encryption only; the two AES-128-GCM suites are
 * the mandatory ones. MB-TCP-Security
 */
const ciphers = [
  "TLS_AES_128_GCM_SHA256",
  "TLS_AES_256_GCM_SHA384",
  "TLS_CHACHA20_POLY1305_SHA256",
  "ECDHE-ECDSA-AES128-GCM-SHA256",
  "ECDHE-RSA-AES128-GCM-SHA256",
  "ECDHE-ECDSA-AES256-GCM-SHA384",
  "ECDHE-RSA-AES256-GCM-SHA384",
  "ECDHE-ECDSA-CHACHA20-POLY1305",
  "ECDHE-RSA-CHACHA20-POLY1305",
].join(":");

/**
 * The part of a secure context that both roles share. No ticket keys: Node makes fresh ones per context, and fixed
 * ones would let a revoked client resume its session.
 */
export function secureContextOptions(options: {
  readonly key?: Pem;
  readonly cert?: Pem;
  readonly ca: Pem;
  readonly crl?: Pem;
}): SecureContextOptions {
  return {
    minVersion: "TLSv1.2",
    ciphers,
    ecdhCurve: "X25519:P-256:P-384",
    ca: mutable(options.ca),
    ...(options.key === undefined ? {} : { key: mutable(options.key) }),
    ...(options.cert === undefined ? {} : { cert: mutable(options.cert) }),
    ...(options.crl === undefined ? {} : { crl: mutable(options.crl) }),
  };
}

function mutable(pem: Pem): string | Buffer | (string | Buffer)[] {
  return typeof pem === "string" || Buffer.isBuffer(pem) ? pem : [...pem];
}
