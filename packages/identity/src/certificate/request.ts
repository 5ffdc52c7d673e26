import { createPublicKey, type KeyObject, verify } from "node:crypto";
import { der } from "@modwarden/modbus";
import type { Signer } from "../authority/signer.ts";
import { IdentityError } from "../errors.ts";
import { ALGORITHMS, algorithmsOf } from "./algorithm.ts";
import { context, objectIdentifier, sequence, setOf, smallInteger } from "./encode.ts";
import { keepSpki, sameKey, spkiBytes } from "./read.ts";
import { commonName, signed } from "./write.ts";

const PEM =
  /^\s*-----BEGIN (?:NEW )?CERTIFICATE REQUEST-----([A-Za-z0-9+/=\s]+)-----END (?:NEW )?CERTIFICATE REQUEST-----\s*$/;
const MAX_CHARACTERS = 8192;
const MAX_BYTES = 6144;
const EXTENSION_REQUEST = objectIdentifier("1.2.840.113549.1.9.14");

/** A PKCS #10 request that proves possession of a key, asking for `name` and these extensions. RFC 2986, RFC 2985 § 5.4.2 */
export async function writeRequest(
  signer: Signer,
  name: string,
  extensions: readonly Uint8Array[] = [],
): Promise<Uint8Array> {
  const asked = extensions.length === 0 ? [] : [sequence(EXTENSION_REQUEST, setOf(sequence(...extensions)))];
  const spki = spkiBytes(signer.publicKey);
  return await signed(sequence(smallInteger(0), commonName(name), spki, context(0, ...asked)), signer);
}

/** What a request says, its proof checked. */
export interface RequestContent {
  readonly publicKey: KeyObject;
  /** A Name, whole. */
  readonly subject: Uint8Array;
  /** The extensions that it asks for, whole; none when it asks for none. */
  readonly extensions: readonly Uint8Array[];
}

/**
 * The public key of a PKCS #10 request (PEM or DER), after its proof of possession has been checked. Subject and names
 * come from the registry. A key is on P-256 or P-384, or RSA of 2048 to 4096 bits. RFC 2986. Error: ERR_ENROLMENT_CSR
 */
export function publicKeyOfRequest(request: string | Uint8Array): KeyObject {
  return reading(() => proven(partsOf(bytesOf(request))));
}

/** All of it. Error: ERR_ENROLMENT_CSR */
export function contentOfRequest(request: string | Uint8Array): RequestContent {
  return reading(() => {
    const parts = partsOf(bytesOf(request));
    const publicKey = proven(parts);
    const subject = der.encodingOf(der.expectTag(parts.fields[1], der.TAG.sequence));
    return { publicKey, subject, extensions: parts.fields.length > 3 ? requested(parts.fields[3]) : [] };
  });
}

/** The request as DER, from either form. Error: ERR_ENROLMENT_CSR */
function bytesOf(request: string | Uint8Array): Uint8Array {
  if (typeof request !== "string") {
    if (request.length > MAX_BYTES) throw bad("it is too large");
    return request;
  }
  const base64 = request.length <= MAX_CHARACTERS ? PEM.exec(request)?.[1] : undefined;
  if (base64 === undefined) throw bad("it is no PEM of a certificate request");
  return Buffer.from(base64, "base64");
}

interface Parts {
  readonly info: der.Element;
  /** Version, subject, key, attributes. */
  readonly fields: readonly der.Element[];
  readonly algorithm: Uint8Array;
  readonly signature: Uint8Array;
}

function partsOf(request: Uint8Array): Parts {
  const parts = der.childrenOf(der.whole(request, der.TAG.sequence));
  const info = der.expectTag(parts[0], der.TAG.sequence);
  const algorithm = der.encodingOf(der.expectTag(parts[1], der.TAG.sequence));
  const signature = der.contentOf(der.expectTag(parts[2], der.TAG.bitString));
  if (parts.length !== 3 || signature[0] !== 0) throw new der.DerError("a request has three parts");
  return { info, fields: der.childrenOf(info), algorithm, signature: signature.subarray(1) };
}

function proven({ info, fields, algorithm, signature }: Parts): KeyObject {
  const key = keyOf(der.encodingOf(der.expectTag(fields[2], der.TAG.sequence)));
  const used = algorithmsOf(key).find((name) => der.sameBytes(ALGORITHMS[name].identifier, algorithm));
  if (used === undefined) throw bad("its signature is of no kind that goes with its key");
  if (!verify(ALGORITHMS[used].hash, der.encodingOf(info), key, signature)) {
    throw bad("its signature does not prove possession of its key");
  }
  return key;
}

function keyOf(spki: Uint8Array): KeyObject {
  let key: KeyObject;
  try {
    key = createPublicKey({ key: Buffer.from(spki), format: "der", type: "spki" });
  } catch (cause) {
    throw bad("its public key cannot be read", cause);
  }
  if (algorithmsOf(key).length === 0) {
    throw bad("its key is neither on P-256 or P-384 nor RSA of 2048 to 4096 bits with the exponent 65537");
  }
  const usual = key.asymmetricKeyType === "rsa" ? sameKey(key, spki) : isUncompressed(spki);
  if (!usual) throw bad("its key is not written in the usual form");
  keepSpki(key, spki);
  return key;
}

/** The whole of a SubjectPublicKeyInfo before X and Y of its point, and the bytes of those. RFC 5480 § 2 */
const UNCOMPRESSED = [
  { head: Buffer.from("3059301306072a8648ce3d020106082a8648ce3d03010703420004", "hex"), point: 64 },
  { head: Buffer.from("3076301006072a8648ce3d020106052b8104002203620004", "hex"), point: 96 },
];

function isUncompressed(spki: Uint8Array): boolean {
  return UNCOMPRESSED.some(
    ({ head, point }) => spki.length === head.length + point && der.sameBytes(spki.subarray(0, head.length), head),
  );
}

/** The extensions asked for in the attributes. RFC 2986 § 4.1 */
function requested(attributes: der.Element | undefined): readonly Uint8Array[] {
  const found: Uint8Array[] = [];
  for (const attribute of der.childrenOf(der.expectTag(attributes, der.TAG.version))) {
    const [type, values] = der.childrenOf(der.expectTag(attribute, der.TAG.sequence));
    if (type === undefined || !der.sameBytes(der.encodingOf(type), EXTENSION_REQUEST)) continue;
    for (const list of der.childrenOf(der.expectTag(values, 0x31))) {
      for (const one of der.childrenOf(der.expectTag(list, der.TAG.sequence))) found.push(der.encodingOf(one));
    }
  }
  return found;
}

function reading<Result>(read: () => Result): Result {
  try {
    return read();
  } catch (error) {
    if (error instanceof der.DerError) throw bad(error.message);
    throw error;
  }
}

function bad(why: string, cause?: unknown): IdentityError {
  return new IdentityError("ERR_ENROLMENT_CSR", `the certificate request is not accepted: ${why}`, { cause });
}
