import { createHash } from "node:crypto";
import { childrenOf, encodingOf, expectTag, TAG, whole } from "./der.ts";

/** SHA-256 over the whole certificate (DER), 64 lower-case hex digits: what registry and audit log know it by. */
export function fingerprintOf(certificate: Uint8Array): string {
  return createHash("sha256").update(certificate).digest("hex");
}

/** `sha256/<base64 of SHA-256 over the SubjectPublicKeyInfo>` of a certificate (DER). Throws on bytes that are none. */
export function spkiPin(certificate: Uint8Array): string {
  return `sha256/${createHash("sha256").update(spkiOf(certificate)).digest("base64")}`;
}

/** Whether `text` has the form of a pin. */
export function isPin(text: string): boolean {
  return /^sha256\/[A-Za-z0-9+/]{43}=$/.test(text);
}

/** The SubjectPublicKeyInfo inside a certificate: the seventh field, or the sixth of a version 1. RFC 5280 § 4.1 */
function spkiOf(certificate: Uint8Array): Uint8Array {
  const fields = childrenOf(expectTag(childrenOf(whole(certificate, TAG.sequence))[0], TAG.sequence));
  const at = fields[0]?.tag === TAG.version ? 6 : 5;
  return encodingOf(expectTag(fields[at], TAG.sequence));
}
