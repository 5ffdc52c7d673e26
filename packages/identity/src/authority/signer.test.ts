import { execFile, spawnSync } from "node:child_process";
import {
  createPublicKey,
  generateKeyPairSync,
  type KeyObject,
  randomBytes,
  verify,
  X509Certificate,
} from "node:crypto";
import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { splitPem } from "../certificate/pem.ts";
import { openAuthority } from "./authority.ts";
import { encryptedKeyPem, keyPem, newKey, readKeyFile } from "./key-file.ts";
import { checkedSigner, keySigner, type Signer } from "./signer.ts";

const openssl = spawnSync("openssl", ["version"]).status === 0;
const KEY: unknown = expect.objectContaining({ code: "ERR_AUTHORITY_KEY" });
const folder = mkdtempSync(join(tmpdir(), "modwarden-signer-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** A signer whose key is only ever read by another process. */
function outside(key: KeyObject, algorithm: Signer["algorithm"]): Signer {
  const file = join(folder, `${randomBytes(4).toString("hex")}.key`);
  writeFileSync(file, keyPem(key), { mode: 0o600 });
  return {
    publicKey: createPublicKey(key),
    algorithm,
    sign: (data) =>
      new Promise((resolve, reject) => {
        const child = execFile(
          "openssl",
          ["dgst", "-sha256", "-sign", file],
          { encoding: "buffer" },
          (error, stdout) => (error === null ? resolve(stdout) : reject(error)),
        );
        child.stdin?.end(data);
      }),
  };
}

describe("a signer outside the process", () => {
  it.skipIf(!openssl).each([
    ["EC", newKey(), "ecdsa-with-SHA256"],
    ["RSA", generateKeyPairSync("rsa", { modulusLength: 2048 }).privateKey, "sha256WithRSAEncryption"],
  ] as const)("issues with an %s key (skipped without openssl: apt install openssl)", async (name, key, algorithm) => {
    const ca = join(folder, `ca-${name}`);
    const options = { now: new Date(), random: randomBytes, signer: checkedSigner(outside(key, algorithm)) };
    await openAuthority(ca, { ...options, mayMake: true });
    expect(existsSync(join(ca, "issuing.key"))).toBe(false);
    const authority = await openAuthority(ca, { ...options, mayMake: false });
    const issued = await authority.issue({
      ...{ id: "hmi-2", kind: "client", role: "Operator", names: [], publicKey: createPublicKey(newKey()) },
      ...{ now: new Date(), lifetimeMs: 86_400_000 },
    });
    const [leaf, issuing] = splitPem(issued.chain).map((pem) => new X509Certificate(pem));
    expect(leaf?.verify(createPublicKey(key))).toBe(true);
    expect(issuing?.publicKey.equals(createPublicKey(key))).toBe(true);
    writeFileSync(join(folder, "leaf.pem"), issued.chain);
    const verified = spawnSync("openssl", [
      ...["verify", "-x509_strict", "-purpose", "sslclient", "-CAfile", join(ca, "root.pem")],
      ...["-untrusted", join(ca, "issuing.pem"), join(folder, "leaf.pem")],
    ]);
    expect(verified.stdout.toString() + verified.stderr.toString()).toContain("leaf.pem: OK");
    await expect(openAuthority(ca, { ...options, mayMake: false, signer: keySigner(newKey()) })).rejects.toEqual(KEY);
  });

  it("is believed in nothing: what it returns is checked before anybody gets it", async () => {
    const key = newKey();
    const honest = keySigner(key);
    const data = randomBytes(300);
    expect(verify("sha256", data, honest.publicKey, await checkedSigner(honest).sign(data))).toBe(true);
    const liars: readonly Signer[] = [
      { ...honest, sign: () => Promise.resolve(new Uint8Array(64)) },
      { ...honest, sign: keySigner(newKey()).sign },
      { ...honest, sign: (whole) => honest.sign(whole.subarray(1)) },
      { ...honest, sign: () => Promise.resolve("signature" as unknown as Uint8Array) },
    ];
    for (const liar of liars) await expect(checkedSigner(liar).sign(data)).rejects.toEqual(KEY);
    expect(() => checkedSigner({ ...honest, algorithm: "sha256WithRSAEncryption" })).toThrow(KEY as Error);
    expect(() => checkedSigner({ ...honest, publicKey: key })).toThrow(KEY as Error);
    expect(() => keySigner(generateKeyPairSync("ed25519").privateKey)).toThrow(KEY as Error);
  });
});

describe("a key file", () => {
  const file = join(folder, "issuing.key");
  const key = newKey();

  it("opens with its passphrase and with no other", () => {
    writeFileSync(file, encryptedKeyPem(key, "drei Esel im Regen", randomBytes), { mode: 0o600 });
    expect(readKeyFile(file, "drei Esel im Regen")?.equals(key)).toBe(true);
    for (const passphrase of [undefined, "", "drei Esel"]) {
      expect(() => readKeyFile(file, passphrase)).toThrow(
        expect.objectContaining({ code: "ERR_AUTHORITY_PASSPHRASE" }),
      );
    }
    expect(readFileSync(file, "utf8")).not.toContain(keyPem(key).split("\n")[1]);
  });

  it.skipIf(!openssl)("is one that openssl opens as well (skipped without it: apt install openssl)", () => {
    writeFileSync(file, encryptedKeyPem(key, "drei Esel im Regen", randomBytes), { mode: 0o600 });
    writeFileSync(join(folder, "passphrase"), "drei Esel im Regen\n", { mode: 0o600 });
    const read = spawnSync("openssl", ["pkey", "-in", file, "-passin", `file:${join(folder, "passphrase")}`]);
    expect(read.stdout.toString()).toBe(keyPem(key));
  });

  it("is refused when others can read it, or when it is none", () => {
    writeFileSync(file, keyPem(key), { mode: 0o600 });
    expect(readKeyFile(file, undefined)?.equals(key)).toBe(true);
    chmodSync(file, 0o640);
    expect(() => readKeyFile(file, undefined)).toThrow(KEY as Error);
    chmodSync(file, 0o600);
    writeFileSync(file, "nothing");
    expect(() => readKeyFile(file, undefined)).toThrow(expect.objectContaining({ code: "ERR_AUTHORITY_DAMAGED" }));
    expect(readKeyFile(join(folder, "missing"), undefined)).toBeUndefined();
  });
});
