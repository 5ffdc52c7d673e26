import type { KeyObject } from "node:crypto";
import { NULL, objectIdentifier, sequence } from "./encode.ts";

/** The signature algorithms that certificates, lists and requests may carry; their names as in RFC 5758 and RFC 8017. */
export type SignatureAlgorithm =
  | "ecdsa-with-SHA256"
  | "ecdsa-with-SHA384"
  | "sha256WithRSAEncryption"
  | "sha384WithRSAEncryption"
  | "sha512WithRSAEncryption";

interface Description {
  readonly hash: "sha256" | "sha384" | "sha512";
  /** The whole AlgorithmIdentifier: ECDSA has no parameters, RSA has NULL. RFC 5758 § 3.2, RFC 4055 § 5 */
  readonly identifier: Uint8Array;
}

export const ALGORITHMS: Readonly<Record<SignatureAlgorithm, Description>> = {
  "ecdsa-with-SHA256": { hash: "sha256", identifier: sequence(objectIdentifier("1.2.840.10045.4.3.2")) },
  "ecdsa-with-SHA384": { hash: "sha384", identifier: sequence(objectIdentifier("1.2.840.10045.4.3.3")) },
  sha256WithRSAEncryption: { hash: "sha256", identifier: sequence(objectIdentifier("1.2.840.113549.1.1.11"), NULL) },
  sha384WithRSAEncryption: { hash: "sha384", identifier: sequence(objectIdentifier("1.2.840.113549.1.1.12"), NULL) },
  sha512WithRSAEncryption: { hash: "sha512", identifier: sequence(objectIdentifier("1.2.840.113549.1.1.13"), NULL) },
};

const RSA: readonly SignatureAlgorithm[] = [
  "sha256WithRSAEncryption",
  "sha384WithRSAEncryption",
  "sha512WithRSAEncryption",
];
const MIN_RSA_BITS = 2048;
/** A stranger's request makes the server verify with its key: larger ones cost more than they protect. */
const MAX_RSA_BITS = 4096;

/**
 * What a key may sign with, the one to prefer first; none for a key that nothing here takes: another curve, RSA below
 * 2048 or above 4096 bits or with an unusual exponent. MODBUS/TCP Security v36; FIPS 186-5 § 5.1
 */
export function algorithmsOf(key: KeyObject): readonly SignatureAlgorithm[] {
  let algorithms = known.get(key);
  if (algorithms === undefined) {
    algorithms = look(key);
    known.set(key, algorithms);
  }
  return algorithms;
}

/** Node asks OpenSSL for every detail of a key each time, which costs as much as a signature. */
const known = new WeakMap<KeyObject, readonly SignatureAlgorithm[]>();

function look(key: KeyObject): readonly SignatureAlgorithm[] {
  const { namedCurve, modulusLength = 0, publicExponent } = key.asymmetricKeyDetails ?? {};
  if (key.asymmetricKeyType === "ec") {
    if (namedCurve === "prime256v1") return ["ecdsa-with-SHA256"];
    // Tools sign with SHA-256 whatever the curve, unless they are told otherwise.
    return namedCurve === "secp384r1" ? ["ecdsa-with-SHA384", "ecdsa-with-SHA256"] : [];
  }
  const usual = key.asymmetricKeyType === "rsa" && publicExponent === 65_537n;
  return usual && modulusLength >= MIN_RSA_BITS && modulusLength <= MAX_RSA_BITS ? RSA : [];
}
