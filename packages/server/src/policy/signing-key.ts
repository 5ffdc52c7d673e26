import { createPrivateKey, createPublicKey, generateKeyPairSync, type KeyObject } from "node:crypto";
import { SiteError } from "../site/error.ts";
import type { VersionFiles } from "./version-files.ts";

const KEY_FILE = "key.pem";

/** What signs the versions of a site's policy, and what checks them. */
export interface SigningKey {
  readonly private: KeyObject;
  readonly public: KeyObject;
}

/** The key in the folder; undefined where there is none. Error: ERR_POLICY_KEY */
export async function readSigningKey(files: VersionFiles): Promise<SigningKey | undefined> {
  const pem = await files.read(KEY_FILE);
  if (pem === undefined) return undefined;
  try {
    return pairOf(createPrivateKey(pem));
  } catch (cause) {
    throw new SiteError("ERR_POLICY_KEY", `${KEY_FILE} beside the versions of the policy is no Ed25519 key`, { cause });
  }
}

/** A new one, on disk when the promise is kept. */
export async function makeSigningKey(files: VersionFiles): Promise<SigningKey> {
  const { privateKey } = generateKeyPairSync("ed25519");
  await files.create(KEY_FILE, privateKey.export({ type: "pkcs8", format: "pem" }).toString());
  return pairOf(privateKey);
}

function pairOf(key: KeyObject): SigningKey {
  if (key.asymmetricKeyType !== "ed25519") throw new TypeError("another kind of key");
  return { private: key, public: createPublicKey(key) };
}
