import { createPrivateKey, generateKeyPairSync } from "node:crypto";
import { createRequest } from "@modwarden/identity";

/** A signing request of a fresh P-256 key (PEM). */
export async function aRequest(): Promise<string> {
  const { privateKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
  return await createRequest(createPrivateKey(privateKey.export({ type: "pkcs8", format: "pem" })), "timing");
}
