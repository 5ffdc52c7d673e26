import type { X509Certificate } from "node:crypto";
import { fingerprintOf } from "../certificate/fingerprint.ts";

/** How far to both sides of two thirds, in parts of a life: what was enrolled in one shift does not renew in one minute. */
const JITTER = 0.05;

/**
 * When a certificate should be renewed: at two thirds of its life, five per cent of it earlier or later. Always the same
 * for the same certificate, so that server and holder agree without asking each other.
 */
export function renewAfter(certificate: X509Certificate): Date {
  const start = certificate.validFromDate.getTime();
  const life = certificate.validToDate.getTime() - start;
  const chance = Number.parseInt(fingerprintOf(certificate.raw).slice(0, 8), 16) / 0xffffffff;
  return new Date(Math.round(start + life * (2 / 3 + (2 * chance - 1) * JITTER)));
}

/** From half of its life on a certificate may be renewed without a word: all of the jitter and more lies behind it. */
export function mayRenewFrom(issuedMs: number, expiresMs: number): number {
  return issuedMs + (expiresMs - issuedMs) / 2;
}
