import { createPublicKey, type KeyObject, sign, verify } from "node:crypto";
import { ALGORITHMS, algorithmsOf, type SignatureAlgorithm } from "../certificate/algorithm.ts";
import { IdentityError } from "../errors.ts";

/**
 * Whoever holds a private key and signs with it: a key file, a PKCS #11 token, a service. Certificates and revocation
 * lists are signed through this alone, so the key never has to be in this process.
 */
export interface Signer {
  /** EC on P-256 or P-384, or RSA of 2048 to 4096 bits. */
  readonly publicKey: KeyObject;
  /** One that fits the key. */
  readonly algorithm: SignatureAlgorithm;
  /**
   * The signature over `data` (not over its hash), as it stands in a certificate: for ECDSA the DER of
   * ECDSA-Sig-Value (r and s), for RSA PKCS #1 v1.5. Rejects when the key cannot be used now.
   */
  sign(data: Uint8Array): Promise<Uint8Array>;
}

/** Signs with a key that this process holds. Error: ERR_AUTHORITY_KEY for a key of another kind */
export function keySigner(key: KeyObject): Signer {
  const [algorithm] = algorithmsOf(key);
  if (algorithm === undefined) throw unfit();
  const { hash } = ALGORITHMS[algorithm];
  return {
    publicKey: createPublicKey(key),
    algorithm,
    sign: (data) => Promise.resolve(new Uint8Array(sign(hash, data, key))),
  };
}

/**
 * A signer whose every signature is checked before anybody sees it: what comes from outside the process may come from
 * another key, over the hash instead of the data, or in another form. Error: ERR_AUTHORITY_KEY
 */
export function checkedSigner(signer: Signer): Signer {
  const { publicKey, algorithm } = signer;
  if (publicKey.type !== "public" || !algorithmsOf(publicKey).includes(algorithm)) throw unfit();
  const { hash } = ALGORITHMS[algorithm];
  return {
    publicKey,
    algorithm,
    async sign(data) {
      const signature = await signer.sign(data);
      if (!(signature instanceof Uint8Array) || !verify(hash, data, publicKey, signature)) {
        throw new IdentityError(
          "ERR_AUTHORITY_KEY",
          `what the signer returned is no ${algorithm} signature of its own key over the data it was given`,
        );
      }
      return signature;
    },
  };
}

function unfit(): IdentityError {
  return new IdentityError(
    "ERR_AUTHORITY_KEY",
    "an authority signs with a key on P-256 or P-384, or with RSA of 2048 to 4096 bits",
  );
}
