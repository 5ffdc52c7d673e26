import { createPrivateKey } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { canonicalKey, formatLabel, isOfflineKey, parseRegistrationKey } from "@modwarden/identity";

/** Something that must not be found, in one of the forms in which it could stand somewhere. */
export interface Needle {
  /** Which secret it is, for the message: never the secret itself. */
  readonly of: string;
  readonly bytes: Buffer;
}

/** Bytes in every form that programs write them in. */
function forms(of: string, bytes: Buffer): readonly Needle[] {
  const hex = bytes.toString("hex");
  const texts = [hex, hex.toUpperCase(), bytes.toString("base64").replace(/=+$/, ""), bytes.toString("base64url")];
  return [bytes, ...texts.map((text) => Buffer.from(text))].map((form) => ({ of, bytes: form }));
}

const ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";

/** The bytes that Crockford's characters stand for. */
function bytesOf(crockford: string): Buffer {
  const bits = [...crockford].map((character) => ALPHABET.indexOf(character).toString(2).padStart(5, "0")).join("");
  return Buffer.from((bits.match(/.{8}/g) ?? []).map((byte) => Number.parseInt(byte, 2)));
}

/** A registration key: as it is written, on a label, as people type it, and what it stands for. */
export function needlesOfKey(of: string, key: string): readonly Needle[] {
  if (isOfflineKey(key)) {
    const signature = key.split(".")[2] ?? "";
    return [{ of, bytes: Buffer.from(key) }, ...forms(of, Buffer.from(signature, "base64url"))];
  }
  const parsed = parseRegistrationKey(key);
  const label = formatLabel(parsed);
  const written = [canonicalKey(key), parsed.secret, label, label.replaceAll("-", ""), label.replaceAll("-", " ")];
  const texts = written.flatMap((text) => [text, text.toLowerCase()]);
  return [
    ...texts.map((text) => ({ of, bytes: Buffer.from(text) })),
    ...[Buffer.from(parsed.secret), Buffer.from(key)].flatMap((text) => forms(of, text)),
    ...forms(of, bytesOf(parsed.secret)),
  ];
}

/** A private key (PEM): its body, the whole of it as DER, and the scalar alone. */
export function needlesOfPrivateKey(of: string, pem: string): readonly Needle[] {
  const key = createPrivateKey(pem);
  const lines = pem.split("\n").filter((line) => line !== "" && !line.startsWith("-----"));
  const scalar = Buffer.from(key.export({ format: "jwk" }).d ?? "", "base64url");
  return [
    // The first line holds the algorithm, which every key on the same curve has.
    ...lines.slice(1).map((line) => ({ of, bytes: Buffer.from(line) })),
    ...forms(of, key.export({ format: "der", type: "pkcs8" })),
    ...forms(of, scalar),
  ];
}

/** Every file under `folder`, with the secrets that stand in it: `file: which`. */
export function found(folder: string, needles: readonly Needle[]): readonly string[] {
  const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  return files.flatMap((entry) => {
    const content = readFileSync(join(entry.parentPath, entry.name));
    const here = new Set(needles.filter(({ bytes }) => content.includes(bytes)).map(({ of }) => of));
    return [...here].map((of) => `${entry.name}: ${of}`);
  });
}
