import { createPrivateKey, createPublicKey, generateKeyPairSync, type KeyObject, X509Certificate } from "node:crypto";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { fingerprintOf, spkiPin } from "../certificate/fingerprint.ts";
import { type IdentityKind, type Issuer, issueAuthority, issueLeaf } from "../certificate/issue.ts";
import { certificatePem } from "../certificate/pem.ts";
import { IdentityError } from "../errors.ts";
import type { RandomSource } from "../registration-key.ts";
import { readIfThere, writeNewFolder } from "./files.ts";

const YEAR_MS = 365.25 * 24 * 3600 * 1000;
const ROOT_LIFETIME_MS = 20 * YEAR_MS;
const ISSUING_LIFETIME_MS = 10 * YEAR_MS;
/** Clocks in a plant are not in step: a certificate holds from a little before it was made. */
const BACKDATE_MS = 10 * 60 * 1000;

/** A leaf as it was issued. `chain` is what its holder sends: leaf, issuing, root. MODBUS/TCP Security v36 R-46 */
export interface IssuedCertificate {
  readonly chain: string;
  readonly fingerprint: string;
  /** The certificate's serial number, hex. */
  readonly serialNumber: string;
  readonly expires: Date;
}

/** Root and issuing intermediate. The private keys stay inside. */
export interface Authority {
  /** The root (PEM): what everyone trusts. */
  readonly root: string;
  /** Issuing and root (PEM). */
  readonly chain: string;
  /** `sha256/<base64>` of the root's SubjectPublicKeyInfo; travels with every registration key. */
  readonly pin: string;
  /** Error: ERR_AUTHORITY_TIME */
  issue(request: {
    readonly id: string;
    readonly kind: IdentityKind;
    readonly role: string | null;
    readonly names: readonly string[];
    readonly publicKey: KeyObject;
    readonly now: Date;
    readonly lifetimeMs: number;
  }): Promise<IssuedCertificate>;
}

export interface AuthorityOptions {
  /** Whether it is made where there is none. */
  readonly mayMake: boolean;
  readonly now: Date;
  readonly random: RandomSource;
}

/**
 * Opens `<folder>` (root.pem, root.key, issuing.pem, issuing.key; keys 0600, folder 0700), making it on first start.
 * root.key may have been moved away: it is not needed to issue. Error: ERR_AUTHORITY_DAMAGED
 */
export async function openAuthority(folder: string, { mayMake, now, random }: AuthorityOptions): Promise<Authority> {
  if (mayMake && !existsSync(folder)) await create(folder, now, random);
  const root = readCertificate(join(folder, "root.pem"));
  const issuing = readCertificate(join(folder, "issuing.pem"));
  const key = readKey(join(folder, "issuing.key"));
  if (!issuing.checkIssued(root) || !issuing.verify(root.publicKey) || !root.verify(root.publicKey)) {
    throw damaged(`${folder}: issuing.pem was not issued by root.pem`);
  }
  if (!issuing.checkPrivateKey(key)) throw damaged(`${folder}: issuing.key is not the key of issuing.pem`);
  return authorityOf({ certificate: issuing.raw, key }, root, issuing, random);
}

function authorityOf(issuer: Issuer, root: X509Certificate, issuing: X509Certificate, random: RandomSource): Authority {
  const chain = certificatePem(issuing.raw) + certificatePem(root.raw);
  const last = issuing.validToDate.getTime();
  return {
    root: certificatePem(root.raw),
    chain,
    pin: spkiPin(root.raw),
    async issue(request) {
      const start = Math.max(issuing.validFromDate.getTime(), request.now.getTime() - BACKDATE_MS);
      const expires = wholeSecond(Math.min(last, request.now.getTime() + request.lifetimeMs));
      if (expires.getTime() <= Math.max(start, request.now.getTime())) throw outOfTime(issuing, request.now);
      const leaf = await issueLeaf({ ...request, notBefore: wholeSecond(start), notAfter: expires }, issuer, random);
      return {
        chain: certificatePem(leaf) + chain,
        fingerprint: fingerprintOf(leaf),
        serialNumber: new X509Certificate(leaf).serialNumber.toLowerCase(),
        expires,
      };
    },
  };
}

async function create(folder: string, now: Date, random: RandomSource): Promise<void> {
  const rootKey = newKey();
  const issuingKey = newKey();
  // Two authorities never share a name: a chain must not be tried against the wrong root.
  const mark = Buffer.from(random(4)).toString("hex");
  const notBefore = wholeSecond(now.getTime() - BACKDATE_MS);
  const root = await issueAuthority({
    commonName: `modwarden root ${mark}`,
    key: rootKey,
    notBefore,
    notAfter: wholeSecond(now.getTime() + ROOT_LIFETIME_MS),
    random,
  });
  const issuing = await issueAuthority({
    commonName: `modwarden issuing ${mark}`,
    key: issuingKey,
    issuer: { certificate: root, key: rootKey },
    notBefore,
    notAfter: wholeSecond(now.getTime() + ISSUING_LIFETIME_MS),
    random,
  });
  writeNewFolder(folder, {
    "root.pem": { content: certificatePem(root), mode: 0o644 },
    "root.key": { content: keyPem(rootKey), mode: 0o600 },
    "issuing.pem": { content: certificatePem(issuing), mode: 0o644 },
    "issuing.key": { content: keyPem(issuingKey), mode: 0o600 },
  });
}

/** A fresh P-256 private key. */
export function newKey(): KeyObject {
  return generateKeyPairSync("ec", { namedCurve: "P-256" }).privateKey;
}

/** PKCS #8, not encrypted: the file's mode protects it. */
export function keyPem(key: KeyObject): string {
  return key.export({ type: "pkcs8", format: "pem" }).toString();
}

export function publicKeyOf(key: KeyObject): KeyObject {
  return createPublicKey(key);
}

function readCertificate(file: string): X509Certificate {
  try {
    return new X509Certificate(needed(file));
  } catch (cause) {
    throw damaged(`${file} is no certificate`, cause);
  }
}

function readKey(file: string): KeyObject {
  try {
    return createPrivateKey(needed(file));
  } catch (cause) {
    throw damaged(`${file} is no private key`, cause);
  }
}

function needed(file: string): string {
  const text = readIfThere(file);
  if (text === undefined) throw damaged(`${file} is missing: restore the folder from its backup`);
  return text;
}

/** The clock stands before the authority was made, or behind its end: a certificate would never hold. */
function outOfTime(issuing: X509Certificate, now: Date): IdentityError {
  const span = `${issuing.validFromDate.toISOString()} to ${issuing.validToDate.toISOString()}`;
  const message = `no certificate can be issued at ${now.toISOString()}: the site's authority holds from ${span}; look at the clock`;
  return new IdentityError("ERR_AUTHORITY_TIME", message);
}

function damaged(message: string, cause?: unknown): IdentityError {
  if (cause instanceof IdentityError) return cause;
  return new IdentityError("ERR_AUTHORITY_DAMAGED", message, { cause });
}

/** Certificates count in seconds. */
function wholeSecond(ms: number): Date {
  return new Date(Math.floor(ms / 1000) * 1000);
}
