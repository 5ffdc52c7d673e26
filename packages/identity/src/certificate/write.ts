import type { Signer } from "../authority/signer.ts";
import type { RandomSource } from "../registration-key.ts";
import { ALGORITHMS } from "./algorithm.ts";
import {
  bitString,
  context,
  integer,
  objectIdentifier,
  octetString,
  primitive,
  sequence,
  setOf,
  smallInteger,
  TRUE,
  time,
  tlv,
  utf8String,
} from "./encode.ts";
import { fieldsOf, keyIdentifier, type PublicKey, spkiBytes, subjectKeyIdentifier } from "./read.ts";

/** What signs certificates and lists, and the name it signs under. */
export interface Issuer {
  readonly signer: Signer;
  /** The Name of its own certificate, byte for byte. */
  readonly name: Uint8Array;
  readonly keyIdentifier: Uint8Array;
}

/** The issuer whose certificate (DER) this is. Throws `der.DerError` */
export function issuerOf(certificate: Uint8Array, signer: Signer): Issuer {
  const fields = fieldsOf(certificate);
  const identifier = subjectKeyIdentifier(fields, signer.publicKey);
  // What is read from a certificate is a view of it; what lives as long as the authority has its own bytes.
  return { signer, name: Uint8Array.from(fields.subject), keyIdentifier: Uint8Array.from(identifier) };
}

const COMMON_NAME = objectIdentifier("2.5.4.3");
const VERSION_3 = context(0, smallInteger(2));

/** A Name of one common name, UTF8String. RFC 5280 § 4.1.2.4 */
export function commonName(text: string): Uint8Array {
  return sequence(setOf(sequence(COMMON_NAME, utf8String(text))));
}

export function extension(oid: string, critical: boolean, value: Uint8Array): Uint8Array {
  return sequence(objectIdentifier(oid), ...(critical ? [TRUE] : []), octetString(value));
}

export interface CertificateContent {
  /** A Name. */
  readonly subject: Uint8Array;
  readonly publicKey: PublicKey;
  readonly notBefore: Date;
  readonly notAfter: Date;
  /** Beside subject and authority key identifier, which every certificate gets. */
  readonly extensions: readonly Uint8Array[];
}

/** A certificate and its serial number. */
export interface WrittenCertificate {
  readonly der: Uint8Array;
  /** 40 hex digits, lower case. */
  readonly serialNumber: string;
}

/** A certificate of version 3, signed by `issuer`. RFC 5280 § 4.1 */
export async function writeCertificate(
  content: CertificateContent,
  issuer: Issuer,
  random: RandomSource,
): Promise<WrittenCertificate> {
  const serial = serialNumber(random);
  const { publicKey } = content;
  const { identifier } = ALGORITHMS[issuer.signer.algorithm];
  const body = sequence(
    VERSION_3,
    integer(serial),
    identifier,
    issuer.name,
    sequence(time(content.notBefore), time(content.notAfter)),
    content.subject,
    spkiBytes(publicKey),
    context(
      3,
      sequence(
        ...content.extensions,
        extension("2.5.29.14", false, octetString(keyIdentifier(publicKey))),
        authorityKeyIdentifier(issuer),
      ),
    ),
  );
  return { der: await signed(body, issuer.signer), serialNumber: Buffer.from(serial).toString("hex") };
}

/** RFC 5280 § 4.2.1.1 */
export function authorityKeyIdentifier(issuer: Pick<Issuer, "keyIdentifier">): Uint8Array {
  return extension("2.5.29.35", false, sequence(primitive(0, issuer.keyIdentifier)));
}

/** SEQUENCE of a body, the algorithm, and the signature over it: the form of certificates, lists and requests. */
export async function signed(body: Uint8Array, signer: Signer): Promise<Uint8Array> {
  const { identifier } = ALGORITHMS[signer.algorithm];
  return sequence(body, identifier, bitString(await signer.sign(body)));
}

/** The bits of a KeyUsage, most significant first; trailing zeros are left out. RFC 5280 § 4.2.1.3 */
export function keyUsage(...bits: readonly (0 | 5 | 6)[]): Uint8Array {
  const value = bits.reduce<number>((all, bit) => all | (0x80 >> bit), 0);
  return extension("2.5.29.15", true, bitString(Uint8Array.of(value), 7 - Math.max(...bits)));
}

export function basicConstraints(authority: false | { readonly pathLength: number }): Uint8Array {
  const content = authority === false ? sequence() : sequence(TRUE, smallInteger(authority.pathLength));
  return extension("2.5.29.19", true, content);
}

export function extendedKeyUsage(oid: string): Uint8Array {
  return extension("2.5.29.37", false, sequence(objectIdentifier(oid)));
}

/** Of names that are encoded already. RFC 5280 § 4.2.1.6 */
export function subjectAlternativeName(names: readonly Uint8Array[]): Uint8Array {
  return extension("2.5.29.17", false, sequence(...names));
}

export function uriName(uri: string): Uint8Array {
  return tlv(0x86, Buffer.from(uri, "latin1"));
}

/** 20 random bytes, positive and of full length: the first byte lies in 0x40-0x7f. RFC 5280 § 4.1.2.2 */
function serialNumber(random: RandomSource): Uint8Array {
  const bytes = Uint8Array.from(random(20));
  bytes[0] = ((bytes[0] ?? 0) & 0x3f) | 0x40;
  return bytes;
}
