import "reflect-metadata";
import { execFileSync, spawnSync } from "node:child_process";
import { createPublicKey, generateKeyPairSync, type KeyObject } from "node:crypto";
import { Name, Pkcs10CertificateRequestGenerator, SubjectAlternativeNameExtension } from "@peculiar/x509";
import { describe, expect, it } from "vitest";
import { newKey } from "../authority/authority.ts";
import { createRequest } from "../client/csr.ts";
import { publicKeyOfRequest, spkiBytes } from "./request.ts";

const openssl = spawnSync("openssl", ["version"]).status === 0;
const CSR: unknown = expect.objectContaining({ code: "ERR_ENROLMENT_CSR" });

async function requestFor(key: KeyObject, curve: string, hash: string): Promise<string> {
  const algorithm = { name: "ECDSA", namedCurve: curve };
  const request = await Pkcs10CertificateRequestGenerator.create({
    name: new Name([{ CN: ["root of everything"] }]),
    keys: {
      privateKey: key.toCryptoKey(algorithm, true, ["sign"]),
      publicKey: createPublicKey(key).toCryptoKey(algorithm, true, ["verify"]),
    },
    extensions: [new SubjectAlternativeNameExtension([{ type: "dns", value: "gw1.plant.example" }])],
    signingAlgorithm: { name: "ECDSA", hash },
  });
  return request.toString("pem");
}

function derOf(pem: string): Buffer {
  return Buffer.from(pem.replaceAll(/-----[A-Z ]+-----|\s/g, ""), "base64");
}

function pemOf(der: Uint8Array): string {
  return `-----BEGIN CERTIFICATE REQUEST-----\n${Buffer.from(der).toString("base64")}\n-----END CERTIFICATE REQUEST-----\n`;
}

describe("publicKeyOfRequest", () => {
  it("takes the key and its proof, and nothing else", async () => {
    const key = newKey();
    const own = spkiBytes(createPublicKey(key));
    expect(spkiBytes(publicKeyOfRequest(await createRequest(key, "hmi-2")))).toEqual(own);
    expect(spkiBytes(publicKeyOfRequest(await requestFor(key, "P-256", "SHA-256")))).toEqual(own);
  });

  it.skipIf(!openssl)("takes a request that openssl made (skipped without it: apt install openssl)", () => {
    const made = execFileSync(
      "openssl",
      [
        ...["req", "-new", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout", "/dev/null"],
        ...["-subj", "/CN=whatever"],
      ],
      { encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] },
    );
    expect(spkiBytes(publicKeyOfRequest(made))).toHaveLength(91);
  });

  it("refuses a request whose proof does not hold, wherever a bit was changed", async () => {
    const der = derOf(await createRequest(newKey(), "hmi-2"));
    for (let at = 0; at < der.length; at += 1) {
      const changed = Buffer.from(der);
      changed[at] = (changed[at] ?? 0) ^ 0x01;
      expect(() => publicKeyOfRequest(pemOf(changed)), `byte ${at}`).toThrow(CSR as Error);
    }
  });

  it("refuses other curves, other signatures and other kinds of key", async () => {
    const p384 = generateKeyPairSync("ec", { namedCurve: "P-384" }).privateKey;
    const p256 = newKey();
    for (const request of [await requestFor(p384, "P-384", "SHA-256"), await requestFor(p256, "P-256", "SHA-512")]) {
      expect(() => publicKeyOfRequest(request)).toThrow(CSR as Error);
    }
  });

  it("refuses what is no request", async () => {
    const good = await createRequest(newKey(), "hmi-2");
    const der = derOf(good);
    for (const text of [
      "",
      "no PEM",
      good + good,
      pemOf(der.subarray(1)),
      pemOf(Buffer.concat([der, Buffer.alloc(1)])),
    ]) {
      expect(() => publicKeyOfRequest(text)).toThrow(CSR as Error);
    }
    expect(() => publicKeyOfRequest(pemOf(new Uint8Array(20_000)))).toThrow(CSR as Error);
  });
});
