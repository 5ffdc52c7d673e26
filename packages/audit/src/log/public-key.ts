import { createPublicKey, hash, type KeyObject } from "node:crypto";

/*
 * A public key is written as the base64 of its SubjectPublicKeyInfo (RFC 8410), as `next` of a checkpoint; `key.pub`
 * is the same as PEM, whose one line of content is that very base64, so that other tools can read it.
 */

/** RFC 8410 § 4: SEQUENCE { SEQUENCE { 1.3.101.112 }, BIT STRING of 32 bytes }. */
const SPKI_START: Buffer = Buffer.from("302a300506032b6570032100", "hex");
const RAW_BYTES = 32;

/** A key from the base64 of its SubjectPublicKeyInfo, canonical only. */
export function readPublicKey(text: string): KeyObject | undefined {
  const der = Buffer.from(text, "base64");
  if (der.toString("base64") !== text || der.length !== SPKI_START.length + RAW_BYTES) return undefined;
  if (!der.subarray(0, SPKI_START.length).equals(SPKI_START)) return undefined;
  return createPublicKey({ key: der, format: "der", type: "spki" });
}

/** `key.pub` is shorter than this; a longer one is not read to its end. */
export const MAX_KEY_FILE_BYTES = 1024;

/** The content of `key.pub`. */
export function publicKeyFile(text: string): string {
  return `-----BEGIN PUBLIC KEY-----\n${text}\n-----END PUBLIC KEY-----\n`;
}

/** The base64 in `key.pub`; undefined unless the file is, byte for byte, what the log would write. */
export function readPublicKeyFile(bytes: Uint8Array): string | undefined {
  const file = Buffer.from(bytes).toString("latin1");
  const text = file.split("\n", 2)[1] ?? "";
  return publicKeyFile(text) === file && readPublicKey(text) !== undefined ? text : undefined;
}

/** A key that a person hands over: PEM, the base64 of the SubjectPublicKeyInfo, or of the 32 bytes alone. */
export function readGivenKey(given: string): string | undefined {
  const bare = given.replace(/-----(BEGIN|END) PUBLIC KEY-----/g, "").replace(/\s+/g, "");
  const raw = Buffer.from(bare, "base64");
  const text = raw.length === RAW_BYTES ? Buffer.concat([SPKI_START, raw]).toString("base64") : bare;
  return readPublicKey(text) === undefined ? undefined : text;
}

/** What is printed at the first start and compared by eye: SHA-256 over the SubjectPublicKeyInfo. */
export function keyFingerprint(text: string): string {
  return `sha256/${hash("sha256", Buffer.from(text, "base64"), "base64")}`;
}
