import { X509Certificate } from "node:crypto";
import { BACKDATE_MS } from "../authority/time.ts";
import { fingerprintOf } from "../certificate/fingerprint.ts";
import type { CertificateRow } from "../registry/schema.ts";

/** How far to both sides of two thirds, in parts of a life: what was enrolled in one shift does not renew in one minute. */
const JITTER = 0.05;

/**
 * When a certificate should be renewed: at two thirds of its life, five per cent of it earlier or later. Always the same
 * for the same certificate, so that server and holder agree without asking each other.
 */
export function renewAfter(certificate: X509Certificate): Date {
  const from = certificate.validFromDate.getTime();
  const end = certificate.validToDate.getTime();
  // A certificate holds from a little before it was made: what is left of it counts.
  const start = from + Math.min(BACKDATE_MS, (end - from) / 2);
  const chance = Number.parseInt(fingerprintOf(certificate.raw).slice(0, 8), 16) / 0xffffffff;
  return new Date(Math.round(start + (end - start) * (2 / 3 + (2 * chance - 1) * JITTER)));
}

/** From half of its life on a certificate may be renewed without a word: all of the jitter and more lies behind it. */
export function mayRenewFrom(issuedMs: number, expiresMs: number): number {
  return issuedMs + (expiresMs - issuedMs) / 2;
}

/** What a holder is told of its next renewal. */
export interface RenewalPlan {
  /** Not before this, ISO 8601. */
  readonly after: string;
}

/** The plan for a certificate that was issued here: never a time at which it would be refused as too early. */
export function renewalPlan({ chain, issued, expires }: CertificateRow): RenewalPlan {
  const wanted = renewAfter(new X509Certificate(chain)).getTime();
  return { after: new Date(Math.ceil(Math.max(wanted, mayRenewFrom(issued, expires)))).toISOString() };
}
