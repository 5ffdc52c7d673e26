import { X509Certificate } from "node:crypto";
import { ModbusError } from "@modwarden/protocol";

/** PEM text, or several of them. */
export type Pem = string | Buffer | readonly (string | Buffer)[];

const CERTIFICATE = /-----BEGIN CERTIFICATE-----[A-Za-z0-9+/=\s]+-----END CERTIFICATE-----/g;
/** Longer chains are nobody's. */
const MAX_CHAIN = 10;

/** The texts of `pem`, each for itself. */
export function textsOf(pem: Pem): readonly string[] {
  return (typeof pem === "string" || Buffer.isBuffer(pem) ? [pem] : pem).map((one) => one.toString());
}

/**
 * The chains with what they lack of the way to their self-signed roots, taken from the authorities `ca`: the whole chain
 * is sent, its root included. MB-TCP-Security v36 R-46. Throws `ERR_MODBUS_BAD_VALUE` when an issuer is not to be found.
 * Texts that hold no certificate are left for TLS to complain of.
 */
export function completeChains(cert: Pem, ca: Pem): readonly string[] {
  const authorities = textsOf(ca).flatMap(certificatesOf);
  return textsOf(cert).map((text) => {
    const chain = certificatesOf(text);
    const last = chain.at(-1);
    if (last === undefined) return text;
    return [...chain, ...issuersOf(last, authorities)].map((certificate) => certificate.toString()).join("");
  });
}

function issuersOf(certificate: X509Certificate, authorities: readonly X509Certificate[]): X509Certificate[] {
  const issuers: X509Certificate[] = [];
  let last = certificate;
  while (!isIssuerOf(last, last)) {
    const issuer = authorities.find((candidate) => isIssuerOf(candidate, last));
    if (issuer === undefined || issuers.length === MAX_CHAIN) {
      throw new ModbusError(
        "ERR_MODBUS_BAD_VALUE",
        `the chain ends at "${last.subject}" without its issuer "${last.issuer}": add the certificates up to the root`,
      );
    }
    issuers.push(issuer);
    last = issuer;
  }
  return issuers;
}

function isIssuerOf(issuer: X509Certificate, subject: X509Certificate): boolean {
  return subject.checkIssued(issuer) && subject.verify(issuer.publicKey);
}

function certificatesOf(text: string): X509Certificate[] {
  const certificates: X509Certificate[] = [];
  for (const pem of text.match(CERTIFICATE) ?? []) {
    try {
      certificates.push(new X509Certificate(pem));
    } catch {
      // What TLS cannot read either is refused there, with its own reason.
      return [];
    }
  }
  return certificates;
}
