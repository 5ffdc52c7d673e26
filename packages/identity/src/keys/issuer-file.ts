import { createHash, createPrivateKey, createPublicKey, generateKeyPairSync, type KeyObject } from "node:crypto";
import { z } from "zod";
import { encodeBits } from "../crockford.ts";
import { IdentityError } from "../errors.ts";
import { isPrintable } from "../names.ts";
import { jsonOf } from "./derive.ts";

/** Who signs registration keys away from the site: a factory, an engineer's laptop. */
export interface KeyIssuer {
  /** The first 40 bits of SHA-256 over its public key (SPKI), Crockford: nobody else can have it by name alone. */
  readonly id: string;
  readonly name: string;
  readonly publicKey: KeyObject;
}

export interface SigningKeyIssuer extends KeyIssuer {
  readonly privateKey: KeyObject;
}

const file = z.strictObject({
  "modwarden-key-issuer": z.literal(1),
  id: z.string(),
  name: z.string().min(1).max(64).refine(isPrintable),
  publicKey: z.base64(),
  privateKey: z.base64().exactOptional(),
});

/** Error: ERR_KEY_OPTIONS */
export function createKeyIssuer(name: string): SigningKeyIssuer {
  if (name.length === 0 || name.length > 64 || !isPrintable(name)) {
    throw new IdentityError("ERR_KEY_OPTIONS", "an issuer's name has 1 to 64 printable characters");
  }
  const { publicKey, privateKey } = generateKeyPairSync("ed25519");
  return { id: issuerId(publicKey), name, publicKey, privateKey };
}

/** What an issuer's file holds; with the private key it is a secret (0600). */
export function formatKeyIssuer(issuer: KeyIssuer, privateKey?: KeyObject): string {
  const document = {
    "modwarden-key-issuer": 1,
    id: issuer.id,
    name: issuer.name,
    publicKey: issuer.publicKey.export({ type: "spki", format: "der" }).toString("base64"),
    ...(privateKey === undefined
      ? {}
      : { privateKey: privateKey.export({ type: "pkcs8", format: "der" }).toString("base64") }),
  };
  return `${JSON.stringify(document)}\n`;
}

/** Either file of an issuer; only the public half is read. Error: ERR_KEY_FILE (never quotes the text) */
export function parseKeyIssuer(text: string): KeyIssuer {
  const { id, name, publicKey } = documentIn(text);
  const key = ed25519(() => createPublicKey({ key: Buffer.from(publicKey, "base64"), format: "der", type: "spki" }));
  if (issuerId(key) !== id) throw bad("its id is not the one of its key");
  return { id, name, publicKey: key };
}

/** The file with the private key. Error: ERR_KEY_FILE */
export function parseSigningKeyIssuer(text: string): SigningKeyIssuer {
  const issuer = parseKeyIssuer(text);
  const { privateKey } = documentIn(text);
  if (privateKey === undefined) throw bad("it holds the public key only: keys are signed with the other file");
  const key = ed25519(() => createPrivateKey({ key: Buffer.from(privateKey, "base64"), format: "der", type: "pkcs8" }));
  if (issuerId(createPublicKey(key)) !== issuer.id) throw bad("its two keys do not belong together");
  return { ...issuer, privateKey: key };
}

function issuerId(publicKey: KeyObject): string {
  return encodeBits(
    createHash("sha256")
      .update(publicKey.export({ type: "spki", format: "der" }))
      .digest(),
    8,
  );
}

function documentIn(text: string): z.output<typeof file> {
  const parsed = text.length > 4096 ? undefined : file.safeParse(jsonOf(text));
  if (parsed?.success !== true) throw bad("it is not of the right form");
  return parsed.data;
}

function ed25519(read: () => KeyObject): KeyObject {
  let key: KeyObject;
  try {
    key = read();
  } catch (cause) {
    throw new IdentityError("ERR_KEY_FILE", "this is no issuer's file: its key cannot be read", { cause });
  }
  if (key.asymmetricKeyType !== "ed25519") throw bad("its key is not of Ed25519");
  return key;
}

function bad(why: string): IdentityError {
  return new IdentityError("ERR_KEY_FILE", `this is no issuer's file: ${why}`);
}
