import { X509Certificate } from "node:crypto";
import { der } from "@modwarden/modbus";
import type { IssuedCertificate } from "../authority/authority.ts";
import { readChain, verifies } from "../authority/chain.ts";
import { contentProblem } from "../certificate/content.ts";
import { fingerprintOf } from "../certificate/fingerprint.ts";
import type { LeafContent } from "../certificate/issue.ts";
import { certificatePem, splitPem } from "../certificate/pem.ts";
import { extensionOf, fieldsOf, type PublicKey, sameKey } from "../certificate/read.ts";
import { IdentityError } from "../errors.ts";

/** Authorities above a leaf. */
const MAX_ABOVE = 7;
/** The clocks of two houses. */
const SKEW_MS = 5 * 60_000;
/** Whoever has to confirm it, and renew it after that, needs some time. */
const SHORTEST_MS = 3_600_000;
const LONGEST_MS = 825 * 24 * 3_600_000;
const DIGITAL_SIGNATURE = 0x80;

/**
 * What a company's authority answered (PEM, in any order) as the certificate that was asked for: for this key, with
 * exactly what the registry says, leading to one of the anchors. Anything else is refused, whoever signed it. Error:
 * ERR_AUTHORITY_IMPORT
 */
export function issuedBy(
  answered: string,
  wanted: LeafContent & { readonly publicKey: PublicKey },
  anchors: readonly string[],
  now: Date,
): IssuedCertificate {
  try {
    const certificates = splitPem(answered).map((pem) => new X509Certificate(pem));
    const leaf = certificates.find((certificate) => sameKey(certificate.publicKey, wanted.publicKey));
    if (leaf === undefined) throw refused("its certificate is for another key");
    checkContent(leaf, wanted);
    checkSpan(leaf, now);
    const above = aboveOf(leaf, certificates, anchors);
    for (const one of above) checkSpan(one, now, 0, Number.POSITIVE_INFINITY);
    return {
      chain: [leaf, ...above].map((one) => certificatePem(one.raw)).join(""),
      fingerprint: fingerprintOf(leaf.raw),
      serialNumber: leaf.serialNumber.toLowerCase(),
      expires: leaf.validToDate,
    };
  } catch (cause) {
    if (cause instanceof IdentityError) throw cause;
    throw refused("its certificate cannot be read", cause);
  }
}

function checkContent(leaf: X509Certificate, wanted: LeafContent): void {
  const fields = fieldsOf(leaf.raw);
  const problem = contentProblem(fields, wanted, "needed");
  if (problem !== undefined) throw refused(`its certificate is not what the registry says: ${problem}`);
  if (leaf.ca) throw refused("its certificate is one of an authority");
  const usage = extensionOf(fields, "2.5.29.15");
  const bits = usage === undefined ? DIGITAL_SIGNATURE : (der.contentOf(der.whole(usage, der.TAG.bitString))[1] ?? 0);
  if ((bits & DIGITAL_SIGNATURE) === 0) throw refused("its certificate may not sign (digitalSignature)");
}

function checkSpan(
  certificate: X509Certificate,
  now: Date,
  shortestMs: number = SHORTEST_MS,
  longestMs: number = LONGEST_MS,
): void {
  const from = certificate.validFromDate.getTime();
  const end = certificate.validToDate.getTime();
  const nowMs = now.getTime();
  if (from <= nowMs + SKEW_MS && end > nowMs + shortestMs && end - nowMs <= longestMs) return;
  const span = `${certificate.validFromDate.toISOString()} to ${certificate.validToDate.toISOString()}`;
  throw refused(`a certificate of its answer holds from ${span}, and it is ${now.toISOString()}`);
}

/** From what issued the leaf up to an anchor. What the answer holds beside that is not looked at. */
function aboveOf(
  leaf: X509Certificate,
  answered: readonly X509Certificate[],
  anchors: readonly string[],
): readonly X509Certificate[] {
  const roots = anchors.map((pem) => new X509Certificate(pem));
  const pool = [...roots, ...answered];
  const above: X509Certificate[] = [];
  for (let last = leaf; !roots.some((root) => root.raw.equals(last.raw)); ) {
    const issuer = pool.find((one) => !above.includes(one) && last.checkIssued(one) && verifies(last, one));
    if (issuer === undefined || above.length === MAX_ABOVE) {
      throw refused("its certificate does not lead to one of the anchors of the site file");
    }
    above.push(issuer);
    last = issuer;
  }
  readChain(above.map((one) => certificatePem(one.raw)).join(""), "its chain", "ERR_AUTHORITY_IMPORT");
  return above;
}

function refused(why: string, cause?: unknown): IdentityError {
  return new IdentityError("ERR_AUTHORITY_IMPORT", `the company's authority: ${why}`, { cause });
}
