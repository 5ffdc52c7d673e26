import { createPrivateKey, createPublicKey, randomBytes, sign, X509Certificate } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { der } from "@modwarden/modbus";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Authority, openAuthority } from "../authority/authority.ts";
import { keyPem, newKey } from "../authority/key-file.ts";
import { certificatePem, derOfPem, splitPem } from "../certificate/pem.ts";
import { type BundleSigner, signBundle } from "./sign.ts";
import { verifyBundle } from "./verify.ts";

const NOW = Date.now();
const DAY = 24 * 3_600_000;
const BAD: unknown = expect.objectContaining({ code: "ERR_BUNDLE_INVALID" });
const PIN: unknown = expect.objectContaining({ code: "ERR_ENROLMENT_PIN" });
const payload = { bundle: 1, chain: ["a", "b"], record: { id: "hmi-2", role: null }, time: "2026-11-21T09:14:03Z" };

let folder: string;
let authority: Authority;
let signer: BundleSigner;
let text: string;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "modwarden-bundle-"));
  authority = await openAuthority(join(folder, "ca"), {
    ...{ mayMake: true, now: new Date(NOW), random: randomBytes, site: "demo" },
  });
  signer = await authority.bundleSigner(new Date(NOW));
  text = await signBundle(signer, payload);
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

interface Jws {
  protected: string;
  payload: string;
  signature: string;
}
const parsed = (): Jws => JSON.parse(text) as Jws;
const b64 = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString("base64url");

/** A bundle whose signer is a certificate that this authority did issue, for another purpose. */
async function signedByLeaf(): Promise<string> {
  const key = newKey();
  const leaf = await authority.issue({
    ...{ id: "hmi-2", kind: "client", role: null, names: [], publicKey: createPublicKey(key) },
    ...{ now: new Date(NOW), lifetimeMs: DAY },
  });
  return await signBundle({ chain: leaf.chain, sign: (data) => Promise.resolve(es256(data, key)) }, payload);
}

function es256(data: Uint8Array, key: ReturnType<typeof newKey>): Uint8Array {
  return sign("sha256", data, { key, dsaEncoding: "ieee-p1363" });
}

describe("a signed bundle", () => {
  it("gives its payload to whoever has the pin or the root", () => {
    expect(verifyBundle(text, { pin: authority.pin }, NOW).payload).toEqual(payload);
    const { chain } = verifyBundle(text, { root: authority.root }, NOW);
    expect(chain.map((one) => certificatePem(one.raw)).join("")).toBe(signer.chain);
    expect(chain[0]?.subjectAltName).toBe("URI:urn:modwarden:bundle:demo");
  });

  it("is refused under another root before anything else of it counts", async () => {
    const other = await openAuthority(join(folder, "other"), {
      mayMake: true,
      now: new Date(NOW),
      random: randomBytes,
    });
    expect(() => verifyBundle(text, { pin: other.pin }, NOW)).toThrow(PIN as Error);
    expect(() => verifyBundle(text, { root: other.root }, NOW)).toThrow(PIN as Error);
    // A stranger's chain with the right root put behind it.
    const strange = await other.bundleSigner(new Date(NOW));
    const chain = splitPem(strange.chain)[0] + authority.chain;
    expect(() => verifyBundle("", { pin: authority.pin }, NOW)).toThrow(BAD as Error);
    const forged = await signBundle({ ...strange, chain }, payload);
    expect(() => verifyBundle(forged, { pin: authority.pin }, NOW)).toThrow(BAD as Error);
  });

  it("is refused wherever a character of it was changed", () => {
    for (const part of ["protected", "payload", "signature"] as const) {
      const value = parsed()[part];
      for (let at = 0; at < value.length; at += part === "protected" ? 97 : 3) {
        const other = value[at] === "A" ? "B" : "A";
        const changed = { ...parsed(), [part]: value.slice(0, at) + other + value.slice(at + 1) };
        // The last character of base64 may hold bits that say nothing.
        if (Buffer.from(changed[part], "base64url").equals(Buffer.from(value, "base64url"))) continue;
        expect(() => verifyBundle(JSON.stringify(changed), { pin: authority.pin }, NOW), `${part} ${at}`).toThrow();
      }
    }
  });

  it("is refused outside the time in which its signature holds", () => {
    for (const at of [NOW - DAY, NOW + 181 * DAY]) {
      expect(() => verifyBundle(text, { pin: authority.pin }, at)).toThrow(BAD as Error);
    }
    expect(verifyBundle(text, { pin: authority.pin }, NOW + 179 * DAY).payload).toEqual(payload);
  });

  it("is refused when its signer is another kind of certificate, or none of an authority's", async () => {
    const byLeaf = await signedByLeaf();
    expect(() => verifyBundle(byLeaf, { pin: authority.pin }, NOW)).toThrow(BAD as Error);
    const issuingKey = createPrivateKey(keyPem(newKey()));
    const chain = signer.chain.replace(splitPem(signer.chain)[0] ?? "", "");
    const byAuthority = await signBundle({ chain, sign: (data) => Promise.resolve(es256(data, issuingKey)) }, payload);
    expect(() => verifyBundle(byAuthority, { pin: authority.pin }, NOW)).toThrow(BAD as Error);
  });

  it("is refused in every other form", () => {
    const { protected: head } = parsed();
    const x5c = (JSON.parse(Buffer.from(head, "base64url").toString()) as { x5c: string[] }).x5c;
    const typ = "modwarden-bundle+json";
    const heads = [
      { alg: "none", typ, x5c },
      { alg: "ES256", x5c },
      { alg: "ES256", typ: "JWT", x5c },
      { alg: "ES256", typ, x5c, crit: ["exp"] },
      { alg: "ES256", typ, x5c: x5c.slice(0, 1) },
      { alg: "ES256", typ, x5c: Array(9).fill(x5c[0]) },
      { alg: "ES256", typ, x5c: ["AAAA", ...x5c.slice(1)] },
    ];
    const texts = heads.map((one) => JSON.stringify({ ...parsed(), protected: b64(one) }));
    texts.push("", "{}", "[]", text.slice(0, -1), JSON.stringify({ ...parsed(), more: 1 }), " ".repeat(300_000));
    for (const one of texts)
      expect(() => verifyBundle(one, { pin: authority.pin }, NOW), one.slice(0, 90)).toThrow(BAD as Error);
  });
});

describe("the signer of bundles", () => {
  it("stays the same for its first half, and is another one after that", async () => {
    expect(await authority.bundleSigner(new Date(NOW + 80 * DAY))).toBe(signer);
    const next = await authority.bundleSigner(new Date(NOW + 100 * DAY));
    expect(next.chain).not.toBe(signer.chain);
    expect(verifyBundle(await signBundle(next, payload), { pin: authority.pin }, NOW + 190 * DAY).payload).toEqual(
      payload,
    );
  });

  it("has a certificate that no TLS peer takes", () => {
    const leaf = new X509Certificate(signer.chain);
    expect(leaf.keyUsage).toEqual(["1.3.6.1.5.5.7.3.36"]);
    expect(der.whole(derOfPem(signer.chain), der.TAG.sequence).tag).toBe(der.TAG.sequence);
  });
});
