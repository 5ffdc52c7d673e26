import type { KeyObject } from "node:crypto";
import { keySigner } from "../authority/signer.ts";
import { pemOf } from "../certificate/pem.ts";
import { writeRequest } from "../certificate/request.ts";

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
