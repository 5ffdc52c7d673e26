import { createHash } from "node:crypto";
import { der } from "@modwarden/modbus";

/** SHA-256 over the der.whole certificate (DER), 64 lower-case hex digits: what registry and audit log know it by. */
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
  const fields = der.childrenOf(
    der.expectTag(der.childrenOf(der.whole(certificate, der.TAG.sequence))[0], der.TAG.sequence),
  );
  const at = fields[0]?.tag === der.TAG.version ? 6 : 5;
  return der.encodingOf(der.expectTag(fields[at], der.TAG.sequence));
}
