import { X509Certificate } from "node:crypto";
import { der } from "@modwarden/modbus";
import { certificatePem, splitPem } from "../certificate/pem.ts";
import { extensionOf, fieldsOf } from "../certificate/read.ts";
import { IdentityError, type IdentityErrorCode } from "../errors.ts";

/** The certificates of a chain of authorities, from the one that issues up to the root. */
export type Chain = readonly [X509Certificate, ...X509Certificate[]];

const MAX_CERTIFICATES = 8;

export function issuingOf(chain: Chain): X509Certificate {
  return chain[0];
}

export function rootOf(chain: Chain): X509Certificate {
  return chain.at(-1) ?? chain[0];
}

export function chainPem(chain: Chain): string {
  return chain.map((certificate) => certificatePem(certificate.raw)).join("");
}

/** The certificates of a PEM text as a chain: each issued by the next, the last by itself. Error: `code` */
export function readChain(text: string, what: string, code: IdentityErrorCode): Chain {
  let read: readonly X509Certificate[];
  try {
    read = splitPem(text).map((pem) => new X509Certificate(pem));
  } catch (cause) {
    throw new IdentityError(code, `${what} holds something that is no certificate`, { cause });
  }
  const [issuing, ...above] = read;
  if (issuing === undefined || read.length > MAX_CERTIFICATES) {
    throw new IdentityError(code, `${what} holds ${read.length} certificates: a chain has 1 to ${MAX_CERTIFICATES}`);
  }
  const chain: Chain = [issuing, ...above];
  for (const [at, certificate] of chain.entries()) {
    const issuer = chain[at + 1] ?? certificate;
    if (!certificate.checkIssued(issuer) || !verifies(certificate, issuer)) {
      const why =
        issuer === certificate ? "is no root, and nothing that issued it follows" : "was not issued by the next";
      throw new IdentityError(code, `${what}: ${certificate.subject} ${why}`);
    }
    checkAuthority(certificate, at, what, code);
  }
  return chain;
}

/** Whether these are authorities that each the next one issued, the last itself. */
export function isChain(certificates: readonly X509Certificate[]): boolean {
  try {
    readChain(certificates.map((one) => certificatePem(one.raw)).join(""), "the chain", "ERR_ENROLMENT_ANSWER");
    return true;
  } catch (error) {
    if (error instanceof IdentityError) return false;
    throw error;
  }
}

/** Whether the key of `issuer` signed it; a key that cannot even be tried did not. */
export function verifies(certificate: X509Certificate, issuer: X509Certificate): boolean {
  try {
    return certificate.verify(issuer.publicKey);
  } catch {
    return false;
  }
}

const KEY_CERT_SIGN_AND_CRL_SIGN = 0x06;

/** Basic constraints and key usage of an authority with `below` authorities under it. RFC 5280 § 4.2.1.3, § 4.2.1.9 */
export function checkAuthority(
  certificate: X509Certificate,
  below: number,
  what: string,
  code: IdentityErrorCode,
): void {
  const { authority, pathLength, usage } = constraintsOf(certificate.raw, what, code);
  const of = `${what}: ${certificate.subject.replaceAll("\n", ", ")}`;
  if (!authority) throw new IdentityError(code, `${of} is no certificate of an authority (CA:TRUE)`);
  if (pathLength < below) {
    throw new IdentityError(code, `${of} allows ${pathLength} authorities under it, and has ${below}`);
  }
  if (usage !== undefined && (usage & KEY_CERT_SIGN_AND_CRL_SIGN) !== KEY_CERT_SIGN_AND_CRL_SIGN) {
    throw new IdentityError(code, `${of} may not sign both certificates and revocation lists (keyCertSign, cRLSign)`);
  }
}

function constraintsOf(
  certificate: Uint8Array,
  what: string,
  code: IdentityErrorCode,
): { readonly authority: boolean; readonly pathLength: number; readonly usage: number | undefined } {
  try {
    const fields = fieldsOf(certificate);
    const basic = extensionOf(fields, "2.5.29.19");
    const parts = basic === undefined ? [] : der.childrenOf(der.whole(basic, der.TAG.sequence));
    const authority = parts[0]?.tag === der.TAG.boolean && der.contentOf(parts[0])[0] === 0xff;
    const length = parts.find((part) => part.tag === der.TAG.integer);
    const bits = extensionOf(fields, "2.5.29.15");
    return {
      authority,
      pathLength: length === undefined ? Number.POSITIVE_INFINITY : (der.contentOf(length).at(-1) ?? 0),
      usage: bits === undefined ? undefined : der.contentOf(der.whole(bits, der.TAG.bitString))[1],
    };
  } catch (cause) {
    throw new IdentityError(code, `${what} holds a certificate that cannot be read`, { cause });
  }
}
