import { generateKeyPairSync, type KeyObject, randomBytes, sign } from "node:crypto";
import { ROLE_OID } from "../security/role.ts";
import * as der from "./der-writer.ts";

type KeyKind = "ec" | "rsa";

/** A key and the certificate for it, both PEM. */
export interface TestIdentity {
  readonly key: string;
  /** The whole chain: leaf, authorities, root. */
  readonly cert: string;
  /** The leaf alone, DER. */
  readonly leaf: Uint8Array;
  /** The leaf's serial number. */
  readonly serial: Uint8Array;
}

export interface TestSubject {
  readonly name: string;
  readonly ips?: readonly string[];
  readonly names?: readonly string[];
  /** The content of one role extension each, as it stands in its OCTET STRING. */
  readonly roles?: readonly Uint8Array[];
  /** More extensions, each in full. */
  readonly extensions?: readonly Uint8Array[];
  /** The role extensions are critical. */
  readonly critical?: boolean;
  readonly keys?: KeyKind;
  readonly notBefore?: Date;
  readonly notAfter?: Date;
}

/** Issues certificates that live in memory for the length of a test. */
export interface TestAuthority {
  /** Its own, PEM. */
  readonly certificate: string;
  /** Its own private key, PEM. */
  readonly key: string;
  /** Its own and those above it, PEM. */
  readonly chain: string;
  issue(subject: TestSubject): TestIdentity;
  /** An authority below this one. */
  intermediate(name: string, roles?: readonly Uint8Array[]): TestAuthority;
  /** Its revocation list, PEM. */
  crl(revoked?: readonly TestIdentity[], times?: { readonly nextUpdate?: Date }): string;
}

const ALGORITHMS = {
  ec: der.sequence(der.oid("1.2.840.10045.4.3.2")),
  rsa: der.sequence(der.oid("1.2.840.113549.1.1.11"), Uint8Array.of(0x05, 0x00)),
} as const;
const begin = new Date("2020-01-01T00:00:00Z");
const end = new Date("2049-12-31T23:59:59Z");

interface Signer {
  readonly name: string;
  readonly key: KeyObject;
  readonly keys: KeyKind;
  readonly chain: string;
}

/** A root with keys of its own: P-256 unless said. RFC 5280, as much of it as OpenSSL insists on. */
export function createTestAuthority(
  name: string,
  { roles = [] }: { readonly roles?: readonly Uint8Array[] } = {},
): TestAuthority {
  return authority(name, "ec", undefined, roles);
}

function authority(
  name: string,
  keys: KeyKind,
  above: Signer | undefined,
  roles: readonly Uint8Array[] = [],
): TestAuthority {
  const pair = keyPair(keys);
  const issuer = above ?? { name, key: pair.privateKey, keys, chain: "" };
  const constraints = der.extension("2.5.29.19", der.sequence(Uint8Array.of(0x01, 0x01, 0xff)), true);
  const own = certify(
    issuer,
    name,
    pair.publicKey,
    [constraints, ...roles.map((value) => der.extension(ROLE_OID, value))],
    begin,
    end,
    serialNumber(),
  );
  const certificate = der.pem("CERTIFICATE", own);
  const signer = { name, key: pair.privateKey, keys, chain: certificate + issuer.chain };
  return {
    certificate,
    key: pair.privateKey.export({ type: "pkcs8", format: "pem" }) as string,
    chain: signer.chain,
    issue: (subject) => issue(signer, subject),
    intermediate: (below, roles) => authority(below, keys, signer, roles),
    crl: (revoked = [], { nextUpdate = end } = {}) => revocationList(signer, revoked, nextUpdate),
  };
}

function issue(signer: Signer, subject: TestSubject): TestIdentity {
  const { ips = [], names = [], roles = [], critical = false, notBefore = begin, notAfter = end } = subject;
  const pair = keyPair(subject.keys ?? signer.keys);
  const serial = serialNumber();
  const alternatives = [
    ...names.map((dns) => der.tlv(0x82, Buffer.from(dns))),
    ...ips.map((ip) => der.tlv(0x87, Buffer.from(ip.split(".").map(Number)))),
  ];
  const extensions = [
    ...(alternatives.length === 0 ? [] : [der.extension("2.5.29.17", der.sequence(...alternatives))]),
    ...roles.map((value) => der.extension(ROLE_OID, value, critical)),
    ...(subject.extensions ?? []),
  ];
  const leaf = certify(signer, subject.name, pair.publicKey, extensions, notBefore, notAfter, serial);
  return {
    key: pair.privateKey.export({ type: "pkcs8", format: "pem" }) as string,
    cert: der.pem("CERTIFICATE", leaf) + signer.chain,
    leaf,
    serial,
  };
}

function certify(
  issuer: Signer,
  subject: string,
  key: KeyObject,
  extensions: readonly Uint8Array[],
  notBefore: Date,
  notAfter: Date,
  serial: Uint8Array,
): Uint8Array {
  const algorithm = ALGORITHMS[issuer.keys];
  const content = der.sequence(
    der.tlv(0xa0, der.tlv(0x02, Uint8Array.of(2))),
    der.tlv(0x02, serial),
    algorithm,
    der.commonName(issuer.name),
    der.sequence(der.utcTime(notBefore), der.utcTime(notAfter)),
    der.commonName(subject),
    key.export({ type: "spki", format: "der" }),
    ...(extensions.length === 0 ? [] : [der.tlv(0xa3, der.sequence(...extensions))]),
  );
  return der.sequence(content, algorithm, der.bitString(sign("sha256", content, issuer.key)));
}

/** RFC 5280 § 5.1. The PEM label is the one that Node reads: X509 CRL. */
function revocationList(signer: Signer, revoked: readonly TestIdentity[], nextUpdate: Date): string {
  const algorithm = ALGORITHMS[signer.keys];
  const entries = revoked.map(({ serial }) => der.sequence(der.tlv(0x02, serial), der.utcTime(begin)));
  const content = der.sequence(
    Uint8Array.of(0x02, 0x01, 0x01),
    algorithm,
    der.commonName(signer.name),
    der.utcTime(begin),
    der.utcTime(nextUpdate),
    ...(entries.length === 0 ? [] : [der.sequence(...entries)]),
  );
  return der.pem("X509 CRL", der.sequence(content, algorithm, der.bitString(sign("sha256", content, signer.key))));
}

interface KeyPair {
  readonly publicKey: KeyObject;
  readonly privateKey: KeyObject;
}

let rsa: KeyPair | undefined;

/** RSA keys take long to make, and what is tested is their kind: one is everybody's. */
function keyPair(keys: KeyKind): KeyPair {
  if (keys === "ec") return generateKeyPairSync("ec", { namedCurve: "P-256" });
  rsa ??= generateKeyPairSync("rsa", { modulusLength: 2048 });
  return rsa;
}

function serialNumber(): Uint8Array {
  return Buffer.concat([Uint8Array.of(1), randomBytes(15)]);
}
