import { execFileSync, spawnSync } from "node:child_process";
import { createPublicKey, generateKeyPairSync, type KeyObject, sign } from "node:crypto";
import { der } from "@modwarden/modbus";
import { describe, expect, it } from "vitest";
import { newKey } from "../authority/key-file.ts";
import { keySigner } from "../authority/signer.ts";
import { createRequest } from "../client/csr.ts";
import { ALGORITHMS, type SignatureAlgorithm } from "./algorithm.ts";
import { bitString, sequence } from "./encode.ts";
import { spkiBytes } from "./read.ts";
import { contentOfRequest, publicKeyOfRequest, writeRequest } from "./request.ts";
import { subjectAlternativeName, uriName } from "./write.ts";

const openssl = spawnSync("openssl", ["version"]).status === 0;
const CSR: unknown = expect.objectContaining({ code: "ERR_ENROLMENT_CSR" });

/** A good request, signed once more with another algorithm. */
async function signedWith(key: KeyObject, algorithm: SignatureAlgorithm): Promise<Uint8Array> {
  const body = der.encodingOf(
    der.childrenOf(der.whole(await writeRequest(keySigner(key), "hmi-2"), der.TAG.sequence))[0]!,
  );
  const { hash, identifier } = ALGORITHMS[algorithm];
  return sequence(body, identifier, bitString(sign(hash, body, key)));
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
    expect(spkiBytes(publicKeyOfRequest(derOf(await createRequest(key, "hmi-2"))))).toEqual(own);
    const names = [subjectAlternativeName([uriName("urn:modwarden:gateway:root-of-everything")])];
    expect(spkiBytes(publicKeyOfRequest(await createRequest(key, "gw1", names)))).toEqual(own);
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

  it("takes keys on P-384 and RSA keys, signed with what goes with them", async () => {
    const p384 = generateKeyPairSync("ec", { namedCurve: "P-384" }).privateKey;
    const rsa = generateKeyPairSync("rsa", { modulusLength: 2048 }).privateKey;
    const good = [
      [p384, "ecdsa-with-SHA256"],
      [p384, "ecdsa-with-SHA384"],
      [rsa, "sha256WithRSAEncryption"],
      [rsa, "sha512WithRSAEncryption"],
    ] as const;
    for (const [key, algorithm] of good) {
      const own = spkiBytes(createPublicKey(key));
      expect(spkiBytes(publicKeyOfRequest(await signedWith(key, algorithm))), algorithm).toEqual(own);
    }
  });

  it("refuses other curves, other signatures and other kinds of key", async () => {
    await expect(signedWith(newKey(), "ecdsa-with-SHA384").then(publicKeyOfRequest)).rejects.toEqual(CSR);
    const others = [
      generateKeyPairSync("ec", { namedCurve: "P-521" }).privateKey,
      generateKeyPairSync("ec", { namedCurve: "secp256k1" }).privateKey,
      generateKeyPairSync("rsa", { modulusLength: 1024 }).privateKey,
      generateKeyPairSync("rsa", { modulusLength: 2048, publicExponent: 3 }).privateKey,
      generateKeyPairSync("ed25519").privateKey,
    ];
    const body = der.childrenOf(der.whole(await writeRequest(keySigner(newKey()), "hmi-2"), der.TAG.sequence))[0]!;
    const [version, subject, , attributes] = der.childrenOf(body).map((part) => der.encodingOf(part));
    for (const key of others) {
      const info = sequence(version!, subject!, spkiBytes(createPublicKey(key)), attributes!);
      const ed = key.asymmetricKeyType === "ed25519";
      const algorithm = key.asymmetricKeyType === "rsa" ? "sha256WithRSAEncryption" : "ecdsa-with-SHA256";
      const signature = sign(ed ? null : "sha256", info, key);
      const request = sequence(info, ALGORITHMS[algorithm].identifier, bitString(signature));
      expect(
        () => publicKeyOfRequest(request),
        String(key.asymmetricKeyDetails?.namedCurve ?? key.asymmetricKeyType),
      ).toThrow(CSR as Error);
    }
  });

  it("refuses a point that is compressed: one key has one form", async () => {
    const key = newKey();
    const point = spkiBytes(createPublicKey(key)).subarray(-65);
    const compressed = Buffer.concat([Buffer.from([2 + ((point.at(-1) ?? 0) & 1)]), point.subarray(1, 33)]);
    const spki = sequence(spkiBytes(createPublicKey(key)).subarray(2, 2 + 21), bitString(compressed));
    const body = der.childrenOf(der.whole(await writeRequest(keySigner(key), "hmi-2"), der.TAG.sequence))[0]!;
    const [version, subject, , attributes] = der.childrenOf(body).map((part) => der.encodingOf(part));
    const info = sequence(version!, subject!, spki, attributes!);
    const request = sequence(info, ALGORITHMS["ecdsa-with-SHA256"].identifier, bitString(sign("sha256", info, key)));
    expect(() => publicKeyOfRequest(request)).toThrow(CSR as Error);
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

describe("contentOfRequest", () => {
  it("finds the subject and the extensions that are asked for", async () => {
    const asked = subjectAlternativeName([uriName("urn:modwarden:client:hmi-2")]);
    const { subject, extensions } = contentOfRequest(await createRequest(newKey(), "hmi-2", [asked]));
    expect(Buffer.from(subject).toString("latin1")).toContain("hmi-2");
    expect(extensions.map((one) => Buffer.from(one))).toEqual([Buffer.from(asked)]);
    expect(contentOfRequest(await createRequest(newKey(), "hmi-2")).extensions).toEqual([]);
  });

  it.skipIf(!openssl)("finds them in a request of openssl too (skipped without it: apt install openssl)", async () => {
    const made = execFileSync(
      "openssl",
      [
        ...["req", "-new", "-newkey", "rsa:2048", "-nodes", "-keyout", "/dev/null", "-subj", "/CN=gw1"],
        ...["-addext", "subjectAltName=DNS:gw1.plant.example", "-addext", "extendedKeyUsage=serverAuth"],
      ],
      { encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] },
    );
    expect(contentOfRequest(made).extensions).toHaveLength(2);
    const ours = await createRequest(newKey(), "hmi-2", [
      subjectAlternativeName([uriName("urn:modwarden:client:hmi-2")]),
    ]);
    const text = execFileSync("openssl", ["req", "-noout", "-text", "-verify"], {
      input: ours,
      stdio: ["pipe", "pipe", "ignore"],
    }).toString();
    expect(text).toContain("URI:urn:modwarden:client:hmi-2");
  });
});
