import { createPublicKey, type KeyObject, verify } from "node:crypto";
import { der } from "@modwarden/modbus";
import { IdentityError } from "../errors.ts";

/** ecdsa-with-SHA256 (1.2.840.10045.4.3.2), the der.whole AlgorithmIdentifier. RFC 5758 § 3.2 */
const ECDSA_SHA256: Uint8Array = Uint8Array.of(
  ...[0x30, 0x0a, 0x06, 0x08, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x04, 0x03, 0x02],
);
const PEM =
  /^\s*-----BEGIN (?:NEW )?CERTIFICATE REQUEST-----([A-Za-z0-9+/=\s]+)-----END (?:NEW )?CERTIFICATE REQUEST-----\s*$/;
const MAX_CHARACTERS = 8192;
/** A P-256 key with its point uncompressed. */
const SPKI_BYTES = 91;

/**
 * The public key of a PKCS #10 request (PEM), after its proof of possession has been checked. Nothing else of the
 * request is read: subject and names come from the registry. RFC 2986. Error: ERR_ENROLMENT_CSR
 */
export function publicKeyOfRequest(pem: string): KeyObject {
  const base64 = pem.length <= MAX_CHARACTERS ? PEM.exec(pem)?.[1] : undefined;
  if (base64 === undefined) throw bad("it is no PEM of a certificate request");
  try {
    const parts = der.childrenOf(der.whole(Buffer.from(base64, "base64"), der.TAG.sequence));
    const info = der.expectTag(parts[0], der.TAG.sequence);
    if (!der.sameBytes(der.encodingOf(der.expectTag(parts[1], der.TAG.sequence)), ECDSA_SHA256)) {
      throw bad("it is not signed with ECDSA and SHA-256");
    }
    const signature = der.contentOf(der.expectTag(parts[2], der.TAG.bitString));
    if (parts.length !== 3 || signature[0] !== 0) throw new der.DerError("a request has three parts");
    const key = p256(der.encodingOf(der.expectTag(der.childrenOf(info)[2], der.TAG.sequence)));
    if (!verify("sha256", der.encodingOf(info), key, signature.subarray(1))) {
      throw bad("its signature does not prove possession of its key");
    }
    return key;
  } catch (error) {
    if (error instanceof der.DerError) throw bad(error.message);
    throw error;
  }
}

/** The key as its 91 bytes of SubjectPublicKeyInfo. */
export function spkiBytes(key: KeyObject): Uint8Array {
  return key.export({ type: "spki", format: "der" });
}

function p256(spki: Uint8Array): KeyObject {
  let key: KeyObject;
  try {
    key = createPublicKey({ key: Buffer.from(spki), format: "der", type: "spki" });
  } catch (cause) {
    throw bad("its public key cannot be read", cause);
  }
  if (key.asymmetricKeyType !== "ec" || key.asymmetricKeyDetails?.namedCurve !== "prime256v1") {
    throw bad("its key is not on the curve P-256");
  }
  if (spki.length !== SPKI_BYTES) throw bad("the point of its key is not uncompressed");
  return key;
}

function bad(why: string, cause?: unknown): IdentityError {
  return new IdentityError("ERR_ENROLMENT_CSR", `the certificate request is not accepted: ${why}`, { cause });
}
