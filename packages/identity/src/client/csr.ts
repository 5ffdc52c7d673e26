import type { KeyObject } from "node:crypto";
import { keySigner } from "../authority/signer.ts";
import { leafExtensions } from "../certificate/issue.ts";
import { pemOf } from "../certificate/pem.ts";
import { writeRequest } from "../certificate/request.ts";
import { IdentityError } from "../errors.ts";

/**
 * A request that says what the site wants it to say, where a company's authority signs it; throws `error` where that is
 * not it, or is about somebody else.
 */
export async function requestAnew(key: KeyObject, name: string, error: unknown): Promise<string> {
  const wanted = error instanceof IdentityError ? error.wanted : undefined;
  if (wanted === undefined || wanted.id !== name) throw error;
  return await createRequest(key, name, leafExtensions(wanted));
}

/**
 * A PKCS #10 request (PEM) that proves possession of `key` (P-256, P-384 or RSA) and asks for these extensions (DER).
 * Error: ERR_AUTHORITY_KEY for a key of another kind
 */
export async function createRequest(
  key: KeyObject,
  name: string,
  extensions: readonly Uint8Array[] = [],
): Promise<string> {
  return pemOf("CERTIFICATE REQUEST", await writeRequest(keySigner(key), name, extensions));
}
