import { createCipheriv, createPrivateKey, generateKeyPairSync, type KeyObject, scryptSync } from "node:crypto";
import { statSync } from "node:fs";
import { objectIdentifier, octetString, sequence, smallInteger } from "../certificate/encode.ts";
import { pemOf } from "../certificate/pem.ts";
import { IdentityError } from "../errors.ts";
import type { RandomSource } from "../registration-key.ts";
import { readIfThere } from "./files.ts";

/** A fresh P-256 private key. */
export function newKey(): KeyObject {
  return generateKeyPairSync("ec", { namedCurve: "P-256" }).privateKey;
}

/** PKCS #8, not encrypted: the file's mode protects it. */
export function keyPem(key: KeyObject): string {
  return key.export({ type: "pkcs8", format: "pem" }).toString();
}

/** scrypt's cost: 16 MiB and some 50 ms, once for every start; what OpenSSL reads without being told more memory. */
const COST = 16_384;
const BLOCK_SIZE = 8;

/**
 * PKCS #8, encrypted under `passphrase`: PBES2 with scrypt and AES-256-CBC, which `openssl pkey` reads. The export of
 * Node's own derives the key with 2,048 rounds of a hash, which a guessed passphrase does not survive. RFC 8018 § 6.2,
 * RFC 7914 § 7
 */
export function encryptedKeyPem(key: KeyObject, passphrase: string, random: RandomSource): string {
  const salt = random(16);
  const initial = random(16);
  const secret = scryptSync(passphrase, salt, 32, { N: COST, r: BLOCK_SIZE, p: 1 });
  const cipher = createCipheriv("aes-256-cbc", secret, initial);
  const content = Buffer.concat([cipher.update(key.export({ type: "pkcs8", format: "der" })), cipher.final()]);
  const derivation = sequence(octetString(salt), smallInteger(COST), smallInteger(BLOCK_SIZE), smallInteger(1));
  const scheme = sequence(
    sequence(objectIdentifier("1.3.6.1.4.1.11591.4.11"), derivation),
    sequence(objectIdentifier("2.16.840.1.101.3.4.1.42"), octetString(initial)),
  );
  const whole = sequence(sequence(objectIdentifier("1.2.840.113549.1.5.13"), scheme), octetString(content));
  return pemOf("ENCRYPTED PRIVATE KEY", whole);
}

export function isEncrypted(pem: string): boolean {
  return pem.includes("-----BEGIN ENCRYPTED PRIVATE KEY-----") || pem.includes("Proc-Type: 4,ENCRYPTED");
}

/**
 * The private key in `file` (PEM; PKCS #8, PKCS #1 or SEC 1); undefined when there is none. What others may read is
 * refused: it is not a secret any more. Errors: ERR_AUTHORITY_KEY, ERR_AUTHORITY_PASSPHRASE, ERR_AUTHORITY_DAMAGED
 */
export function readKeyFile(file: string, passphrase: string | undefined): KeyObject | undefined {
  const text = readIfThere(file);
  if (text === undefined) return undefined;
  if ((statSync(file).mode & 0o077) !== 0) {
    throw new IdentityError(
      "ERR_AUTHORITY_KEY",
      `${file} can be read by others than its owner: find out who has, then \`chmod 600\` it`,
    );
  }
  if (isEncrypted(text) && passphrase === undefined) {
    throw new IdentityError(
      "ERR_AUTHORITY_PASSPHRASE",
      `${file} is encrypted: say in the site file where its passphrase is (authority.passphrase)`,
    );
  }
  try {
    return createPrivateKey({ key: text, ...(isEncrypted(text) ? { passphrase } : {}) });
  } catch (cause) {
    const [code, why] = isEncrypted(text)
      ? (["ERR_AUTHORITY_PASSPHRASE", "does not open with the passphrase it was given"] as const)
      : (["ERR_AUTHORITY_DAMAGED", "is no private key"] as const);
    throw new IdentityError(code, `${file} ${why}`, { cause });
  }
}
