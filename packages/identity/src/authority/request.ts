import { existsSync } from "node:fs";
import { join } from "node:path";
import { authorityExtensions } from "../certificate/issue.ts";
import { pemOf } from "../certificate/pem.ts";
import type { PublicKey } from "../certificate/read.ts";
import { publicKeyOfRequest, writeRequest } from "../certificate/request.ts";
import { IdentityError } from "../errors.ts";
import type { RandomSource } from "../registration-key.ts";
import { readIfThere, writeNewFolder } from "./files.ts";
import type { KeyAccess } from "./hierarchy.ts";
import { encryptedKeyPem, keyPem, newKey } from "./key-file.ts";
import { keySigner } from "./signer.ts";

/**
 * A request (PEM) for a certificate that another authority is to sign, for a new issuing key or for the signer's. Asked
 * again it is the same: an answer to the first one must not find another key. Its files stand in `request/`.
 */
export async function requestIssuing(
  folder: string,
  name: string,
  { passphrase, signer, random }: KeyAccess & { readonly random: RandomSource },
): Promise<string> {
  const asked = readIfThere(join(folder, "request", "request.pem"));
  if (asked !== undefined) return asked;
  const key = signer === undefined ? newKey() : undefined;
  const asking = key === undefined ? signer : keySigner(key);
  if (asking === undefined) throw new IdentityError("ERR_AUTHORITY_KEY", "there is no key to ask for");
  const request = pemOf("CERTIFICATE REQUEST", await writeRequest(asking, name, authorityExtensions(0)));
  const files = {
    "request.pem": { content: request, mode: 0o644 },
    ...(key === undefined
      ? {}
      : {
          "issuing.key": {
            content: passphrase === undefined ? keyPem(key) : encryptedKeyPem(key, passphrase, random),
            mode: 0o600,
          },
        }),
  };
  writeNewFolder(join(folder, "request"), files);
  return request;
}

export function isRequested(folder: string): boolean {
  return existsSync(join(folder, "request", "request.pem"));
}

/** The key that a certificate was asked for. Error: ERR_AUTHORITY_IMPORT when none was */
export function requestedKey(folder: string): PublicKey {
  const asked = readIfThere(join(folder, "request", "request.pem"));
  if (asked !== undefined) return publicKeyOfRequest(asked);
  throw new IdentityError(
    "ERR_AUTHORITY_IMPORT",
    "no certificate was asked for: `modwarden authority csr` makes a key and the request for it",
  );
}
