import { createHash, createPublicKey, randomBytes } from "node:crypto";
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { newKey } from "../authority/key-file.ts";
import { type EnrolmentServer, startEnrolmentServer } from "../endpoint/server.ts";
import { createKeyIssuer, formatKeyIssuer } from "../keys/issuer-file.ts";
import { signOfflineKey } from "../keys/offline-key.ts";
import { formatKey, formatLabel, parseRegistrationKey } from "../registration-key.ts";
import { openSite, type TestSite } from "../testing/site.ts";
import type { KeyOptions } from "../types.ts";
import { type EnrolledIdentity, enrolWith } from "./enrol.ts";
import { loadIdentity, saveIdentity } from "./folder.ts";
import { claimInto, enrolInto } from "./into.ts";
import { reportLeakTo } from "./report.ts";

let site: TestSite;
let server: EnrolmentServer;
let folder: string;
let dir: string;
const errors: unknown[] = [];

beforeEach(async () => {
  errors.length = 0;
  site = await openSite();
  server = await start();
  folder = mkdtempSync(join(tmpdir(), "modwarden-enrol-"));
  dir = join(folder, "hmi-2");
});
afterEach(async () => {
  await server.close();
  await site[Symbol.asyncDispose]();
  rmSync(folder, { recursive: true, force: true });
  expect(errors).toEqual([]);
});

async function start(): Promise<EnrolmentServer> {
  return await startEnrolmentServer({
    service: site.service,
    listen: "https://127.0.0.1:0",
    names: [],
    now: () => new Date(site.clock),
    onError: (error) => errors.push(error),
  });
}

async function options(
  key: Partial<KeyOptions> = {},
): Promise<{ url: string; key: string; pin: string; name: string; timeoutMs: number }> {
  const created = await site.service.keys.create({ kind: "client", roles: ["Operator"], ...key });
  return { url: server.url, key: created.key, pin: created.pin, name: "hmi-2", timeoutMs: 5000 };
}

describe("enrolling over HTTPS", () => {
  it("takes an offline key, a derived one, and a key pair that the site knows already", async () => {
    const { keys, pin } = site.service;
    const issuer = createKeyIssuer("factory");
    await keys.issuers.trust({ file: formatKeyIssuer(issuer), kinds: ["client"], roles: ["Operator"] });
    const claims = { kind: "client", roles: ["Operator"], pin } as const;
    const offline = signOfflineKey(issuer, claims, { now: new Date(site.clock), random: randomBytes }).key;
    const at = { url: server.url, pin, timeoutMs: 5000 };
    expect(await enrolWith({ ...at, key: `${offline}\n`, name: "by-offline" })).toMatchObject({ state: "active" });

    await keys.batches.create("meters", { kind: "device", roles: [] });
    const key = (await keys.batches.derive("meters", ["S1"]))[0]?.key ?? "";
    expect(await enrolWith({ ...at, key, name: "by-batch", serial: "S1" })).toMatchObject({ state: "active" });

    const own = newKey();
    const spki = createPublicKey(own).export({ type: "spki", format: "der" });
    const publicKey = createHash("sha256").update(spki).digest("hex");
    await keys.import([{ line: 1, publicKey, name: "by-own" }], { kind: "device", roles: [] });
    const keyPair = own.export({ type: "pkcs8", format: "pem" }).toString();
    expect(await enrolWith({ ...at, key: "", keyPair, name: "by-own" })).toMatchObject({ state: "active" });
    const none = enrolWith({ ...at, key: "", keyPair: "none", name: "by-own" });
    await expect(none).rejects.toMatchObject({ code: "ERR_IDENTITY_INVALID" });
  });

  it("reports a leaked key to the site that the pin names", async () => {
    const { key, pin, url } = await options();
    await reportLeakTo({ url, pin, key });
    expect(await site.service.keys.list()).toMatchObject([{ state: "revoked", reason: "leaked" }]);
    const other = `sha256/${"A".repeat(43)}=`;
    await expect(reportLeakTo({ url, pin: other, key })).rejects.toMatchObject({ code: "ERR_ENROLMENT_PIN" });
  });

  it("ends with an active identity in a folder that only its owner reads", async () => {
    const result = await enrolInto(dir, await options());
    expect(result).toMatchObject({ id: "hmi-2", role: "Operator", state: "active" });
    expect(await site.service.identities.show("hmi-2")).toMatchObject({
      state: "active",
      fingerprint: result.fingerprint,
    });
    expect(readdirSync(dir).sort()).toEqual(["bundle.json", "cert.pem", "chain.pem", "identity.json", "key.pem"]);
    expect(statSync(dir).mode & 0o777).toBe(0o700);
    expect(statSync(join(dir, "key.pem")).mode & 0o777).toBe(0o600);
    const loaded = loadIdentity(dir);
    expect(loaded).toMatchObject({
      id: "hmi-2",
      state: "active",
      ca: site.service.root,
      fingerprint: result.fingerprint,
    });
    expect(loaded.cert).toBe(result.chain);
  });

  it("takes a key as it was typed from a label", async () => {
    const asked = await options();
    const typed = `${formatLabel(parseRegistrationKey(asked.key)).toLowerCase().replaceAll("-", " ")}\n`;
    expect((await enrolWith({ ...asked, key: typed })).state).toBe("active");
  });

  it("keeps an identity before it becomes active, and gives it up when it cannot be kept", async () => {
    const asked = await options();
    const states: string[] = [];
    const keep = async (): Promise<void> => {
      states.push((await site.service.identities.show("hmi-2")).state);
      throw new Error("the disk is full");
    };
    await expect(enrolWith({ ...asked, keep })).rejects.toThrow("the disk is full");
    expect(states).toEqual(["claimed"]);
    expect((await site.service.identities.show("hmi-2")).state).toBe("claimed");
  });

  it("never overwrites an identity, and finds out before the key is used", async () => {
    await enrolInto(dir, await options());
    const before = readFileSync(join(dir, "key.pem"), "utf8");
    const second = { ...(await options()), name: "hmi-3" };
    await expect(enrolInto(dir, second)).rejects.toMatchObject({ code: "ERR_IDENTITY_EXISTS" });
    expect(readFileSync(join(dir, "key.pem"), "utf8")).toBe(before);
    expect((await enrolInto(join(folder, "hmi-3"), second)).state).toBe("active");
  });

  it("takes up an enrolment that was cut off before its confirmation", async () => {
    const asked = await options();
    const keep = (claimed: EnrolledIdentity): never => {
      saveIdentity(dir, claimed);
      throw new Error("cut off");
    };
    await expect(enrolWith({ ...asked, keep })).rejects.toThrow("cut off");
    const first = loadIdentity(dir);
    expect(first.state).toBe("claimed");
    expect(await enrolInto(dir, asked)).toMatchObject({ state: "active", fingerprint: first.fingerprint });
    expect(loadIdentity(dir).state).toBe("active");
    await expect(enrolInto(dir, asked)).rejects.toMatchObject({ code: "ERR_IDENTITY_EXISTS" });
  });

  it("starts over when the time for the confirmation has passed", async () => {
    const asked = await options();
    const keep = (claimed: EnrolledIdentity): never => {
      saveIdentity(dir, claimed);
      throw new Error("cut off");
    };
    await expect(enrolWith({ ...asked, keep })).rejects.toThrow("cut off");
    const first = loadIdentity(dir);
    site.clock += 600_000;
    const second = await enrolInto(dir, asked);
    expect(second.state).toBe("active");
    expect(second.fingerprint).not.toBe(first.fingerprint);
    expect(loadIdentity(dir).fingerprint).toBe(second.fingerprint);
  });

  it("waits for approval and fetches the certificate afterwards", async () => {
    const pending = await enrolInto(dir, await options({ approval: "manual" }));
    expect(pending.state).toBe("pending");
    expect(statSync(join(dir, "claim")).mode & 0o777).toBe(0o600);
    expect(() => loadIdentity(dir)).toThrow(expect.objectContaining({ code: "ERR_IDENTITY_STATE" }) as Error);
    expect((await claimInto(dir, 5000)).state).toBe("pending");
    await site.service.identities.approve("hmi-2");
    expect((await claimInto(dir, 5000)).state).toBe("active");
    expect(loadIdentity(dir)).toMatchObject({ id: "hmi-2", state: "active" });
    expect(readdirSync(dir)).not.toContain("claim");
    await expect(claimInto(dir, 5000)).rejects.toMatchObject({ code: "ERR_IDENTITY_STATE" });
  });

  it("lets one of twenty use a key for one use", async () => {
    const asked = await options();
    const results = await Promise.allSettled(
      Array.from({ length: 20 }, (_, index) => enrolWith({ ...asked, name: `hmi-${index}` })),
    );
    expect(results.filter((result) => result.status === "fulfilled")).toHaveLength(1);
    expect(await site.service.identities.list()).toHaveLength(1);
  });
});

describe("a refusal", () => {
  it("comes with its code and the correlation that audit knows", async () => {
    const asked = await options();
    const wrong = formatKey({ ...parseRegistrationKey(asked.key), secret: "0".repeat(32) });
    await expect(enrolWith({ ...asked, key: wrong })).rejects.toMatchObject({
      code: "ERR_ENROLMENT_REFUSED",
      correlation: expect.stringMatching(/^[0-9A-Z]{8}$/) as unknown,
    });
    expect(site.events.at(-1)).toMatchObject({ reason: "wrong-secret", source: "127.0.0.1" });
    await expect(enrolWith({ ...asked, role: "Engineer" })).rejects.toMatchObject({ code: "ERR_ENROLMENT_ROLE" });
    await site.service.identities.add({ id: "taken", kind: "client", role: null });
    await expect(enrolWith({ ...asked, name: "taken" })).rejects.toMatchObject({ code: "ERR_ENROLMENT_TAKEN" });
    expect((await enrolWith(asked)).state).toBe("active");
  });

  it("turns 429 into its own code", async () => {
    const asked = await options();
    const wrong = { ...asked, key: formatKey({ id: "00000000", secret: "0".repeat(32) }) };
    const codes = new Set<unknown>();
    for (let count = 0; count < 22; count += 1) {
      await enrolWith(wrong).catch((error: unknown) => codes.add((error as { code?: unknown }).code));
    }
    expect([...codes]).toEqual(["ERR_ENROLMENT_REFUSED", "ERR_ENROLMENT_THROTTLED"]);
  });

  it("of a typo needs no network", async () => {
    const asked = await options();
    const typo = {
      ...asked,
      key: `${asked.key.slice(0, -1)}${asked.key.endsWith("0") ? "1" : "0"}`,
      url: "https://127.0.0.1:1",
    };
    await expect(enrolWith(typo)).rejects.toMatchObject({ code: "ERR_KEY_MALFORMED" });
  });
});

describe("an identity folder", () => {
  it("says what is missing and what does not belong together", async () => {
    expect(() => loadIdentity(folder)).toThrow(expect.objectContaining({ code: "ERR_IDENTITY_MISSING" }) as Error);
    const one = await enrolInto(dir, await options());
    const other = join(folder, "other");
    await enrolInto(other, { ...(await options()), name: "hmi-3" });
    writeFileSync(join(dir, "key.pem"), readFileSync(join(other, "key.pem")));
    expect(() => loadIdentity(dir)).toThrow(expect.objectContaining({ code: "ERR_IDENTITY_DAMAGED" }) as Error);
    writeFileSync(join(dir, "key.pem"), one.key);
    expect(loadIdentity(dir).id).toBe("hmi-2");
    writeFileSync(join(dir, "chain.pem"), readFileSync(join(dir, "cert.pem")));
    expect(() => loadIdentity(dir)).toThrow(expect.objectContaining({ code: "ERR_IDENTITY_DAMAGED" }) as Error);
    writeFileSync(join(dir, "identity.json"), '{"modwarden":2}');
    expect(() => loadIdentity(dir)).toThrow(expect.objectContaining({ code: "ERR_IDENTITY_DAMAGED" }) as Error);
    expect(() => saveIdentity(dir, one)).toThrow(expect.objectContaining({ code: "ERR_IDENTITY_EXISTS" }) as Error);
  });
});
