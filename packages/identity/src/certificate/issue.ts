import "reflect-metadata";
import { createPublicKey, type KeyObject, type webcrypto, X509Certificate } from "node:crypto";
import { isIP } from "node:net";
import { ROLE_OID } from "@modwarden/modbus";
import {
  AuthorityKeyIdentifierExtension,
  BasicConstraintsExtension,
  ExtendedKeyUsage,
  ExtendedKeyUsageExtension,
  Extension,
  type JsonGeneralNames,
  KeyUsageFlags,
  KeyUsagesExtension,
  Name,
  SubjectAlternativeNameExtension,
  SubjectKeyIdentifierExtension,
  X509CertificateGenerator,
  X509Certificate as X509Reader,
} from "@peculiar/x509";
import type { RandomSource } from "../registration-key.ts";

export type IdentityKind = "client" | "device" | "gateway";

/** A certificate authority's own certificate (DER) and private key. */
export interface Issuer {
  readonly certificate: Uint8Array;
  readonly key: KeyObject;
}

export interface LeafRequest {
  readonly id: string;
  readonly kind: IdentityKind;
  readonly role: string | null;
  /** Host names and addresses of one that serves. */
  readonly names: readonly string[];
  readonly publicKey: KeyObject;
  readonly notBefore: Date;
  readonly notAfter: Date;
}

const SIGNING = { name: "ECDSA", namedCurve: "P-256", hash: "SHA-256" } as const;

/** A root (no issuer) or issuing (by the root) certificate for `key`, DER. RFC 5280 § 4.2.1 */
export async function issueAuthority(options: {
  readonly commonName: string;
  readonly key: KeyObject;
  readonly issuer?: Issuer;
  readonly notBefore: Date;
  readonly notAfter: Date;
  readonly random: RandomSource;
}): Promise<Uint8Array> {
  const issuer = options.issuer;
  const pathLength = issuer === undefined ? 1 : 0;
  return await issue({
    subject: options.commonName,
    publicKey: createPublicKey(options.key),
    signingKey: issuer?.key ?? options.key,
    ...(issuer === undefined ? {} : { issuerCertificate: issuer.certificate }),
    notBefore: options.notBefore,
    notAfter: options.notAfter,
    random: options.random,
    extensions: [
      new BasicConstraintsExtension(true, pathLength, true),
      new KeyUsagesExtension(KeyUsageFlags.keyCertSign | KeyUsageFlags.cRLSign, true),
    ],
  });
}

/**
 * A leaf for what the registry says, DER: who has names may only be a TLS server under them, everyone else only a TLS
 * client. The role is one UTF8String. MODBUS/TCP Security v36
 */
export async function issueLeaf(request: LeafRequest, issuer: Issuer, random: RandomSource): Promise<Uint8Array> {
  const serves = request.kind !== "client" && request.names.length > 0;
  const extensions: Extension[] = [
    new BasicConstraintsExtension(false, undefined, true),
    new KeyUsagesExtension(KeyUsageFlags.digitalSignature, true),
    new ExtendedKeyUsageExtension([serves ? ExtendedKeyUsage.serverAuth : ExtendedKeyUsage.clientAuth]),
    new SubjectAlternativeNameExtension([
      { type: "url", value: `urn:modwarden:${request.kind}:${request.id}` },
      ...(serves ? serverNames(request.names) : []),
    ]),
  ];
  if (request.role !== null) extensions.push(new Extension(ROLE_OID, false, utf8String(request.role)));
  return await issue({
    subject: request.id,
    publicKey: request.publicKey,
    signingKey: issuer.key,
    issuerCertificate: issuer.certificate,
    notBefore: request.notBefore,
    notAfter: request.notAfter,
    random,
    extensions,
  });
}

/**
 * Verifiers that find no dNSName compare a host name with the subject, and a subject is an id that its holder chose:
 * with one name that never resolves (RFC 2606 § 2) they have nothing to fall back from.
 */
function serverNames(names: readonly string[]): JsonGeneralNames {
  const hosts = names.filter((name) => isIP(name) === 0);
  return [
    ...(hosts.length > 0 ? hosts : ["no-host-name.invalid"]).map((value) => ({ type: "dns" as const, value })),
    ...names.filter((name) => isIP(name) !== 0).map((value) => ({ type: "ip" as const, value })),
  ];
}

async function issue(options: {
  readonly subject: string;
  readonly publicKey: KeyObject;
  readonly signingKey: KeyObject;
  readonly issuerCertificate?: Uint8Array;
  readonly notBefore: Date;
  readonly notAfter: Date;
  readonly random: RandomSource;
  readonly extensions: readonly Extension[];
}): Promise<Uint8Array> {
  const subject = new Name([{ CN: [{ utf8String: options.subject }] }]);
  let issuerName = subject;
  let authorityKey = options.publicKey;
  if (options.issuerCertificate !== undefined) {
    issuerName = new X509Reader(Buffer.from(options.issuerCertificate)).subjectName;
    authorityKey = new X509Certificate(options.issuerCertificate).publicKey;
  }
  const certificate = await X509CertificateGenerator.create({
    serialNumber: serialNumber(options.random),
    subject,
    issuer: issuerName,
    notBefore: options.notBefore,
    notAfter: options.notAfter,
    publicKey: webKey(options.publicKey, "verify"),
    signingKey: webKey(options.signingKey, "sign"),
    signingAlgorithm: SIGNING,
    extensions: [
      ...options.extensions,
      await SubjectKeyIdentifierExtension.create(webKey(options.publicKey, "verify")),
      await AuthorityKeyIdentifierExtension.create(webKey(authorityKey, "verify")),
    ],
  });
  return new Uint8Array(certificate.rawData);
}

/** 20 random bytes, positive and of full length: the first byte lies in 0x40-0x7f. RFC 5280 § 4.1.2.2 */
function serialNumber(random: RandomSource): string {
  const bytes = Buffer.from(random(20));
  bytes[0] = ((bytes[0] ?? 0) & 0x3f) | 0x40;
  return bytes.toString("hex");
}

function utf8String(text: string): Uint8Array<ArrayBuffer> {
  const content = Buffer.from(text, "utf8");
  const head =
    content.length < 0x80 ? [0x0c, content.length] : [0x0c, 0x82, content.length >> 8, content.length & 0xff];
  // 128 to 255 bytes take the one-byte long form: DER's lengths are minimal.
  if (content.length >= 0x80 && content.length < 0x100) head.splice(1, 2, 0x81);
  return Uint8Array.from([...head, ...content]);
}

function webKey(key: KeyObject, use: "sign" | "verify"): webcrypto.CryptoKey {
  return key.toCryptoKey({ name: SIGNING.name, namedCurve: SIGNING.namedCurve }, true, [use]);
}
