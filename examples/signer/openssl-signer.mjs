// A signer whose key never enters modwarden: every signature is made by another program, here openssl. With a PKCS #11
// token the same command takes `-engine pkcs11 -keyform engine -inkey pkcs11:token=plant;object=issuing` (or OpenSSL's
// pkcs11 provider); a cloud's key service is asked over its own API in `sign` instead.
//
// In site.yaml:
//   authority:
//     signer: { module: ./openssl-signer.mjs, options: { key: /etc/modwarden/issuing.key } }
import { execFile, execFileSync } from "node:child_process";
import { createPublicKey } from "node:crypto";

/** What modwarden calls once, at its start. `options` are those of the site file. */
export function openSigner({ key }) {
  const publicKey = createPublicKey(execFileSync("openssl", ["pkey", "-in", key, "-pubout"]));
  const algorithm = publicKey.asymmetricKeyType === "rsa" ? "sha256WithRSAEncryption" : "ecdsa-with-SHA256";
  return {
    publicKey,
    algorithm,
    /** The signature over `data` itself: openssl makes the hash. */
    sign: (data) =>
      new Promise((resolve, reject) => {
        const child = execFile(
          "openssl",
          ["dgst", "-sha256", "-sign", key],
          { encoding: "buffer" },
          (error, signature) => (error === null ? resolve(signature) : reject(error)),
        );
        child.stdin?.end(data);
      }),
  };
}
