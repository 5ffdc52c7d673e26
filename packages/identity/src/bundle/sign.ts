import { derOfPem, splitPem } from "../certificate/pem.ts";

/** What can stand in a bundle. */
export type JsonValue = string | number | boolean | null | readonly JsonValue[] | JsonObject;
export interface JsonObject {
  readonly [name: string]: JsonValue;
}

/** Signs bundles in the name of a site. */
export interface BundleSigner {
  /** PEM: the signer's certificate, issuing, root. */
  readonly chain: string;
  /** ECDSA on P-256 over SHA-256 of `data`: r and s, 32 bytes each. RFC 7518 § 3.4 */
  sign(data: Uint8Array): Promise<Uint8Array>;
}

/** Says what is signed: no JWS made for another purpose passes for a bundle. RFC 7515 § 4.1.9 */
export const BUNDLE_TYPE = "modwarden-bundle+json";

/** A payload with its signature and the signer's chain, root included: a flattened JWS. RFC 7515 § 7.2.2 */
export async function signBundle(signer: BundleSigner, payload: JsonObject): Promise<string> {
  const x5c = splitPem(signer.chain).map((pem) => Buffer.from(derOfPem(pem)).toString("base64"));
  const head = encoded({ alg: "ES256", typ: BUNDLE_TYPE, x5c });
  const body = encoded(payload);
  const signature = await signer.sign(Buffer.from(`${head}.${body}`, "latin1"));
  return JSON.stringify({ protected: head, payload: body, signature: Buffer.from(signature).toString("base64url") });
}

function encoded(value: JsonObject): string {
  return Buffer.from(JSON.stringify(value), "utf8").toString("base64url");
}
