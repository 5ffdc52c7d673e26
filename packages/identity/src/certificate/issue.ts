import { isIP } from "node:net";
import { ROLE_OID } from "@modwarden/modbus";
import type { Signer } from "../authority/signer.ts";
import type { RandomSource } from "../registration-key.ts";
import { addressBytes, primitive, utf8String } from "./encode.ts";
import { keyIdentifier, type PublicKey } from "./read.ts";
import {
  basicConstraints,
  commonName,
  extendedKeyUsage,
  extension,
  type Issuer,
  keyUsage,
  subjectAlternativeName,
  uriName,
  type WrittenCertificate,
  writeCertificate,
} from "./write.ts";

export type IdentityKind = "client" | "device" | "gateway";

const SERVER_AUTH = "1.3.6.1.5.5.7.3.1";
const CLIENT_AUTH = "1.3.6.1.5.5.7.3.2";
/** Signing of documents: no TLS peer takes a certificate for this. RFC 9336 */
export const DOCUMENT_SIGNING = "1.3.6.1.5.5.7.3.36";

const DIGITAL_SIGNATURE = 0;
const KEY_CERT_SIGN = 5;
const CRL_SIGN = 6;

interface Validity {
  readonly notBefore: Date;
  readonly notAfter: Date;
}

/** What a leaf says, as the registry has it. */
export interface LeafContent {
  readonly id: string;
  readonly kind: IdentityKind;
  readonly role: string | null;
  /** Host names and addresses of one that serves. */
  readonly names: readonly string[];
}

export interface LeafRequest extends LeafContent, Validity {
  readonly publicKey: PublicKey;
}

/** A root (no issuer) or issuing (by the root) certificate for the key of `signer`. RFC 5280 § 4.2.1 */
export async function issueAuthority(
  options: Validity & {
    readonly commonName: string;
    readonly signer: Signer;
    readonly issuer?: Issuer;
    readonly random: RandomSource;
  },
): Promise<Uint8Array> {
  const { signer, random } = options;
  const { publicKey } = signer;
  const subject = commonName(options.commonName);
  const self: Issuer = { signer, name: subject, keyIdentifier: keyIdentifier(publicKey) };
  const content = {
    subject,
    publicKey,
    notBefore: options.notBefore,
    notAfter: options.notAfter,
    extensions: authorityExtensions(options.issuer === undefined ? 1 : 0),
  };
  return (await writeCertificate(content, options.issuer ?? self, random)).der;
}

/** What makes a certificate one of an authority, with so many authorities under it. */
export function authorityExtensions(pathLength: number): readonly Uint8Array[] {
  return [basicConstraints({ pathLength }), keyUsage(KEY_CERT_SIGN, CRL_SIGN)];
}

/**
 * A leaf for what the registry says: who has names may only be a TLS server under them, everyone else only a TLS
 * client. The role is one UTF8String. MODBUS/TCP Security v36
 */
export async function issueLeaf(
  request: LeafRequest,
  issuer: Issuer,
  random: RandomSource,
): Promise<WrittenCertificate> {
  const { publicKey, notBefore, notAfter } = request;
  const extensions = [basicConstraints(false), keyUsage(DIGITAL_SIGNATURE), ...leafExtensions(request)];
  const content = { subject: commonName(request.id), publicKey, notBefore, notAfter, extensions };
  return await writeCertificate(content, issuer, random);
}

/** The extensions that depend on who it is for: purpose, names and role. */
export function leafExtensions({ id, kind, role, names }: LeafContent): readonly Uint8Array[] {
  const serves = servesTls({ kind, names });
  return [
    extendedKeyUsage(serves ? SERVER_AUTH : CLIENT_AUTH),
    subjectAlternativeName([uriName(`urn:modwarden:${kind}:${id}`), ...(serves ? serverNames(names) : [])]),
    ...(role === null ? [] : [extension(ROLE_OID, false, utf8String(role))]),
  ];
}

function servesTls({ kind, names }: Pick<LeafContent, "kind" | "names">): boolean {
  return kind !== "client" && names.length > 0;
}

/** A leaf that signs bundles and can do nothing else. */
export async function issueBundleLeaf(
  request: Validity & { readonly site: string; readonly publicKey: PublicKey },
  issuer: Issuer,
  random: RandomSource,
): Promise<WrittenCertificate> {
  const { site, publicKey, notBefore, notAfter } = request;
  const content = {
    subject: commonName(`bundles of ${site}`),
    publicKey,
    notBefore,
    notAfter,
    extensions: [
      basicConstraints(false),
      keyUsage(DIGITAL_SIGNATURE),
      extendedKeyUsage(DOCUMENT_SIGNING),
      subjectAlternativeName([uriName(`urn:modwarden:bundle:${site}`)]),
    ],
  };
  return await writeCertificate(content, issuer, random);
}

/**
 * Verifiers that find no dNSName compare a host name with the subject, and a subject is an id that its holder chose:
 * with one name that never resolves (RFC 2606 § 2) they have nothing to fall back from.
 */
function serverNames(names: readonly string[]): readonly Uint8Array[] {
  const hosts = names.filter((name) => isIP(name) === 0);
  return [
    ...(hosts.length > 0 ? hosts : ["no-host-name.invalid"]).map((name) => primitive(2, Buffer.from(name, "latin1"))),
    ...names.filter((name) => isIP(name) !== 0).map((name) => primitive(7, addressBytes(name))),
  ];
}
