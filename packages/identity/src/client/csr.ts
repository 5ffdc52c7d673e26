import "reflect-metadata";
import { createPublicKey, type KeyObject } from "node:crypto";
import { Name, Pkcs10CertificateRequestGenerator } from "@peculiar/x509";

const ECDSA = { name: "ECDSA", namedCurve: "P-256" } as const;

/** A PKCS #10 request (PEM) that proves possession of `key` (P-256). */
export async function createRequest(key: KeyObject, name: string): Promise<string> {
  const request = await Pkcs10CertificateRequestGenerator.create({
    name: new Name([{ CN: [{ utf8String: name }] }]),
    keys: {
      privateKey: key.toCryptoKey(ECDSA, true, ["sign"]),
      publicKey: createPublicKey(key).toCryptoKey(ECDSA, true, ["verify"]),
    },
    signingAlgorithm: { name: "ECDSA", hash: "SHA-256" },
  });
  return `${request.toString("pem")}\n`;
}
