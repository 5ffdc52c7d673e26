import type { PeerCertificate, SecureContextOptions } from "node:tls";
import { ModbusError } from "@modwarden/protocol";
import { completeChains, type Pem, textsOf } from "../security/chain.ts";
import { revocationLists } from "../security/crl.ts";
import { suiteSettings, type TlsSuite } from "../security/suites.ts";

export type { Pem } from "../security/chain.ts";

/** What client and server have in common. */
export interface TlsOptions {
  readonly key?: Pem;
  /**
   * The whole chain, leaf first; what is missing up to the root is taken from `ca`, and a chain that has no root even
   * so is refused. MB-TCP-Security v36 R-46
   */
  readonly cert?: Pem;
  /** The authorities that may vouch for the peer. Nothing else is trusted. */
  readonly ca: Pem;
  /**
   * Revocation lists, PEM or DER, one for every authority of the chain: where one is missing, every peer is refused.
   */
  readonly crl?: Pem;
  /** The suites that are spoken, the preferred first; default `defaultSuites`. */
  readonly suites?: readonly TlsSuite[];
  /**
   * Also takes TLS_RSA_WITH_NULL_SHA256, after everything else: nothing is encrypted then, and everybody on the way
   * reads along. Needs RSA certificates. It lowers OpenSSL's security level for the other suites too, and is warned of.
   * MB-TCP-Security v36
   */
  readonly insecureNullEncryption?: boolean;
}

/** What a client shows and what it accepts. */
export interface TlsClientOptions extends TlsOptions {
  /**
   * Connects without key and certificate. A Modbus/TCP Security server refuses that, so leaving them out is an error
   * unless it is said. MB-TCP-Security v36 R-08
   */
  readonly anonymous?: boolean;
  /** The name the server's certificate has to carry; default is the URL's host. */
  readonly serverName?: string;
  /** Replaces the comparison of names: returns an error to refuse the server. The chain is checked in any case. */
  readonly checkServer?: (serverName: string, certificate: PeerCertificate) => Error | undefined;
  /**
   * Resumes earlier sessions with the same server, which spares both sides most of the handshake; default true. They
   * are kept for as long as this object is. MB-TCP-Security v36 R-42
   */
  readonly resume?: boolean;
  /**
   * Bytes of a record that is sent, for servers with little memory. It does not bind the server: Node cannot ask it to
   * do the same (RFC 6066 § 4). MB-TCP-Security v36 R-58
   */
  readonly maxSendFragment?: 512 | 1024 | 2048 | 4096;
}

export interface TlsServerOptions extends TlsOptions {
  readonly key: Pem;
  readonly cert: Pem;
  /** Asks clients for a certificate; default true. MB-TCP-Security v36 R-07 */
  readonly requestCert?: boolean;
  /**
   * Ends the handshake of a client whose certificate is missing or does not verify; default true. With false such a
   * client is served as one without a certificate: it has the NULL role.
   */
  readonly rejectUnauthorized?: boolean;
  /**
   * Whether the certificate of a client (DER, its leaf) is good no more. Asked at every connection, also when it resumes
   * an earlier session, for which TLS looks at no revocation list.
   */
  readonly isRevoked?: (certificate: Uint8Array) => boolean;
}

/** Once for each set of options: a client that comes back would fill a log. */
const warned = new WeakSet<TlsOptions>();

/** No SHA-1, whatever OpenSSL's security level. MB-TCP-Security v36 */
const signatures = [
  ...["ECDSA+SHA256", "ECDSA+SHA384", "ECDSA+SHA512", "ed25519"],
  ...["RSA-PSS+SHA256", "RSA-PSS+SHA384", "RSA-PSS+SHA512", "RSA+SHA256", "RSA+SHA384", "RSA+SHA512"],
].join(":");

/**
 * The part of a secure context that both roles share, for `node:tls`: TLS 1.2 or newer, the suites above, P-256 among
 * the curves. No ticket keys: Node makes fresh ones per context, and fixed ones would let a revoked client resume its
 * session. MB-TCP-Security v36. Throws `ERR_MODBUS_BAD_VALUE`.
 */
export function secureContextOptions(options: TlsOptions): SecureContextOptions {
  const { key, cert, ca, crl, suites, insecureNullEncryption } = options;
  return {
    ...suiteSettings(suites, insecureNullEncryption),
    ecdhCurve: "X25519:P-256:P-384",
    sigalgs: signatures,
    honorCipherOrder: true,
    ca: mutable(ca),
    ...(key === undefined ? {} : { key: mutable(key) }),
    ...(cert === undefined ? {} : { cert: [...completeChains(cert, ca)] }),
    ...(crl === undefined ? {} : { crl: revocationLists(crl) }),
  };
}

/** Whether a client may begin with these. Throws `ERR_MODBUS_BAD_VALUE`. */
export function checkTlsClient(tls: TlsClientOptions): void {
  const { key, cert, anonymous = false, maxSendFragment = 4096 } = tls;
  if (!anonymous && (key === undefined || cert === undefined)) {
    throw new ModbusError(
      "ERR_MODBUS_BAD_VALUE",
      "Modbus/TCP Security wants to know the client: tls needs key and cert, or anonymous: true for another server",
    );
  }
  if (![512, 1024, 2048, 4096].includes(maxSendFragment)) {
    throw new ModbusError(
      "ERR_MODBUS_BAD_VALUE",
      `maxSendFragment has to be 512, 1024, 2048 or 4096, not ${maxSendFragment}`,
    );
  }
  checkTls(tls);
}

/** Whether these can be listened or connected with. Throws `ERR_MODBUS_BAD_VALUE`. */
export function checkTls(tls: TlsOptions): void {
  suiteSettings(tls.suites, tls.insecureNullEncryption);
  if (tls.cert !== undefined) completeChains(tls.cert, tls.ca);
  if (tls.insecureNullEncryption === true && !warned.has(tls)) {
    warned.add(tls);
    process.emitWarning("insecureNullEncryption: Modbus may go over the wire unencrypted, for everybody to read", {
      code: "MODWARDEN_NULL_ENCRYPTION",
    });
  }
}

function mutable(pem: Pem): string[] {
  return [...textsOf(pem)];
}
