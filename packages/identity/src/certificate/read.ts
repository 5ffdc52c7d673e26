import { createHash, type KeyObject } from "node:crypto";
import { der } from "@modwarden/modbus";
import { objectIdentifier } from "./encode.ts";

/** The fields of a certificate that names in another one repeat byte for byte. RFC 5280 § 4.1 */
export interface CertificateFields {
  /** Content of the INTEGER. */
  readonly serialNumber: Uint8Array;
  /** A Name, whole. */
  readonly issuer: Uint8Array;
  readonly subject: Uint8Array;
  /** By the OID's whole encoding in hex: content of the OCTET STRING. */
  readonly extensions: ReadonlyMap<string, Uint8Array>;
}

/** Throws `der.DerError` on bytes that are no certificate of version 3. */
export function fieldsOf(certificate: Uint8Array): CertificateFields {
  const fields = der.childrenOf(
    der.expectTag(der.childrenOf(der.whole(certificate, der.TAG.sequence))[0], der.TAG.sequence),
  );
  der.expectTag(fields[0], der.TAG.version);
  const extensions = new Map<string, Uint8Array>();
  const holder = fields.find((field) => field.tag === der.TAG.extensions);
  for (const extension of holder === undefined
    ? []
    : der.childrenOf(der.expectTag(der.childrenOf(holder)[0], der.TAG.sequence))) {
    const parts = der.childrenOf(der.expectTag(extension, der.TAG.sequence));
    const oid = Buffer.from(der.encodingOf(der.expectTag(parts[0], der.TAG.objectIdentifier))).toString("hex");
    if (extensions.has(oid)) throw new der.DerError("an extension stands there twice");
    extensions.set(oid, der.contentOf(der.expectTag(parts.at(-1), der.TAG.octetString)));
  }
  return {
    serialNumber: der.contentOf(der.expectTag(fields[1], der.TAG.integer)),
    issuer: der.encodingOf(der.expectTag(fields[3], der.TAG.sequence)),
    subject: der.encodingOf(der.expectTag(fields[5], der.TAG.sequence)),
    extensions,
  };
}

/** The content of one extension; undefined when the certificate has none. */
export function extensionOf({ extensions }: CertificateFields, oid: string): Uint8Array | undefined {
  return extensions.get(Buffer.from(objectIdentifier(oid)).toString("hex"));
}

/** A public key, or its SubjectPublicKeyInfo as it was stored or sent. */
export type PublicKey = KeyObject | Uint8Array;

const exported = new WeakMap<KeyObject, Uint8Array>();

/** The SubjectPublicKeyInfo. Node's export costs twice what a signature does: it is kept with the key. */
export function spkiBytes(key: PublicKey): Uint8Array {
  if (key instanceof Uint8Array) return key;
  let bytes = exported.get(key);
  if (bytes === undefined) {
    bytes = key.export({ type: "spki", format: "der" });
    exported.set(key, bytes);
  }
  return bytes;
}

/** The SubjectPublicKeyInfo that `key` was read from, when it is in the form that `spkiBytes` would give. */
export function keepSpki(key: KeyObject, bytes: Uint8Array): void {
  exported.set(key, Buffer.from(bytes));
}

/** SHA-1 over the bits of the public key. RFC 5280 § 4.2.1.2 (1) */
export function keyIdentifier(key: PublicKey): Uint8Array {
  const spki = der.childrenOf(der.whole(spkiBytes(key), der.TAG.sequence));
  return createHash("sha1")
    .update(der.contentOf(der.expectTag(spki[1], der.TAG.bitString)).subarray(1))
    .digest();
}

/** The identifier that a certificate gives its own key, or the usual one where it gives none. */
export function subjectKeyIdentifier(fields: CertificateFields, key: PublicKey): Uint8Array {
  const own = extensionOf(fields, "2.5.29.14");
  return own === undefined ? keyIdentifier(key) : der.contentOf(der.whole(own, der.TAG.octetString));
}

/**
 * Whether two public keys are one. `KeyObject.equals` leaves an error of OpenSSL behind when they are of different
 * kinds, and the next key that is read then fails with it.
 */
export function sameKey(left: PublicKey, right: PublicKey): boolean {
  return der.sameBytes(spkiBytes(left), spkiBytes(right));
}
