import { generateKeyPairSync, randomBytes, X509Certificate } from "node:crypto";
import { existsSync, readdirSync, renameSync, rmSync, statSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { writeEntries, writeList } from "../certificate/crl.ts";
import { spkiPin } from "../certificate/fingerprint.ts";
import { authorityExtensions } from "../certificate/issue.ts";
import { certificatePem, derOfPem, pemOf, splitPem } from "../certificate/pem.ts";
import { certsOnly } from "../certificate/pkcs7.ts";
import { keyIdentifier, type PublicKey } from "../certificate/read.ts";
import { publicKeyOfRequest } from "../certificate/request.ts";
import {
  basicConstraints,
  commonName,
  type Issuer,
  issuerOf,
  keyUsage,
  writeCertificate,
} from "../certificate/write.ts";
import { enrolWith } from "../client/enrol.ts";
import { startEnrolmentServer } from "../endpoint/server.ts";
import { enrolled } from "../testing/enrol.ts";
import { openSite, type TestSite } from "../testing/site.ts";
import { newKey } from "./key-file.ts";
import { changePassphrase } from "./passphrase.ts";
import { keySigner, type Signer } from "./signer.ts";

const DAY = 24 * 3_600_000;
const IMPORT: unknown = expect.objectContaining({ code: "ERR_AUTHORITY_IMPORT" });

/** A company's authority: an RSA root, and between it and the site an authority on P-384. */
interface Company {
  readonly root: string;
  readonly between: string;
  readonly issuer: Issuer;
  readonly lists: string;
  /** A newer list of the root with what stands between on it. */
  withdraw(): Promise<string>;
  certify(key: PublicKey, how?: { days?: number; extensions?: readonly Uint8Array[] }): Promise<string>;
}

async function company(nowMs: number): Promise<Company> {
  const random = randomBytes;
  const span = { notBefore: new Date(nowMs - DAY), notAfter: new Date(nowMs + 4000 * DAY) };
  const make = async (name: string, signer: Signer, by: Issuer | undefined, pathLength: number): Promise<string> => {
    const subject = commonName(name);
    const content = { subject, publicKey: signer.publicKey, extensions: authorityExtensions(pathLength), ...span };
    const self: Issuer = { signer, name: subject, keyIdentifier: keyIdentifier(signer.publicKey) };
    return certificatePem((await writeCertificate(content, by ?? self, random)).der);
  };
  const rootSigner = keySigner(generateKeyPairSync("rsa", { modulusLength: 2048 }).privateKey);
  const root = await make("Company root", rootSigner, undefined, 2);
  const rootIssuer = issuerOf(derOfPem(root), rootSigner);
  const betweenSigner = keySigner(generateKeyPairSync("ec", { namedCurve: "P-384" }).privateKey);
  const between = await make("Company plants", betweenSigner, rootIssuer, 1);
  const issuer = issuerOf(derOfPem(between), betweenSigner);
  const list = async (by: Issuer, number = 1n, revoked: readonly string[] = []): Promise<string> => {
    const at = new Date(nowMs);
    const entries = writeEntries(revoked.map((serialNumber) => ({ serialNumber, at })));
    const content = { thisUpdate: new Date(nowMs - DAY), nextUpdate: span.notAfter, number, entries };
    return pemOf("X509 CRL", await writeList(content, by));
  };
  return {
    ...{ root, between, issuer, lists: (await list(rootIssuer)) + (await list(issuer)) },
    withdraw: () => list(rootIssuer, 2n, ["0f", new X509Certificate(between).serialNumber]),
    async certify(publicKey, { days = 1000, extensions = authorityExtensions(0) } = {}) {
      const notAfter = new Date(nowMs + days * DAY);
      const content = { subject: commonName("Plant 7 issuing"), publicKey, extensions, ...span, notAfter };
      return certificatePem((await writeCertificate(content, issuer, random)).der);
    },
  };
}

let site: TestSite;
let other: Company;
beforeEach(async () => {
  site = await openSite();
  other = await company(site.clock);
});
afterEach(() => site[Symbol.asyncDispose]());

async function asked(): Promise<PublicKey> {
  return publicKeyOfRequest(await site.service.authority.request("Plant 7 issuing"));
}

describe("an issuing certificate of another authority", () => {
  it("is asked for once, and what it signs is what is issued from the next start on", async () => {
    const before = await enrolled(site, "hmi-1");
    const key = await asked();
    expect(await site.service.authority.request("another name")).toBe(await site.service.authority.request("x"));
    expect(site.service.authority.show().requested).toBe(true);
    // In any order, as people paste it.
    const chain = other.root + (await other.certify(key)) + other.between;
    const { pin, formerPin } = await site.service.authority.import(chain, other.lists);
    expect([pin, formerPin]).toEqual([spkiPin(derOfPem(other.root)), site.service.pin]);
    const imported = site.service.authority.show();
    expect(imported.warnings.join()).toContain("next start");
    expect(imported.certificates.map((one) => one.key)).toEqual(["file", "file"]);
    await site.restart();

    expect(site.service.pin).toBe(pin);
    expect(site.service.authority.roots).toEqual([other.root, splitPem(before.chain).at(-1)]);
    const after = await enrolled(site, "hmi-2");
    const certificates = splitPem(after.chain).map((pem) => new X509Certificate(pem));
    expect(certificates.map((one) => one.subject)).toEqual([
      ...["CN=hmi-2", "CN=Plant 7 issuing", "CN=Company plants", "CN=Company root"],
    ]);
    expect(certificates[0]?.verify(certificates[1]!.publicKey)).toBe(true);
    // One list for each of the three new authorities and of the two before.
    expect(site.service.authority.lists()).toHaveLength(5);
    expect(site.service.authority.show()).toMatchObject({ formerPins: [formerPin], requested: false, warnings: [] });
  });

  it("leaves what was issued before good to its end, and revocable", async () => {
    await enrolled(site, "hmi-1");
    const chain = (await other.certify(await asked())) + other.between + other.root;
    await site.service.authority.import(chain, other.lists);
    await site.restart();
    expect((await site.service.identities.show("hmi-1")).state).toBe("active");
    site.clock += 1000;
    await site.service.identities.revoke("hmi-1");
    await site.service.authority.maintain();
    const revoked = site.service.authority.show().lists.filter(({ entries }) => entries === 1);
    expect(revoked.map(({ authority, role }) => [authority.startsWith("CN=modwarden issuing"), role])).toEqual([
      [true, "issuing"],
    ]);
  });

  it("comes without lists of its own authorities only at the price of none at all, which is said", async () => {
    const chain = (await other.certify(await asked())) + other.between + other.root;
    await site.service.authority.import(chain);
    await site.restart();
    expect(site.service.authority.lists()).toEqual([]);
    expect(site.service.authority.show().warnings).toHaveLength(2);
    site.service.authority.acceptLists(other.lists);
    expect(site.service.authority.lists()).toHaveLength(5);
  });

  it("is held against TLS peers by lists only once the company has withdrawn one of its authorities", async () => {
    const { authority } = site.service;
    await authority.import((await other.certify(await asked())) + other.between + other.root, other.lists);
    await site.restart();
    await enrolled(site, "hmi-1");
    await site.service.identities.revoke("hmi-1");
    expect(site.service.authority.lists()).toHaveLength(5);
    expect(site.service.authority.listsAgainstAuthorities()).toEqual([]);
    site.service.authority.acceptLists(await other.withdraw());
    expect(site.service.authority.listsAgainstAuthorities()).toEqual(site.service.authority.lists());
    expect(site.service.authority.lists()).toHaveLength(5);
  });

  it("is a chain of any length to whoever enrols under it and knows the root's pin alone", async () => {
    await site.service.authority.import((await other.certify(await asked())) + other.between + other.root, other.lists);
    await site.restart();
    const now = (): Date => new Date(site.clock);
    const server = await startEnrolmentServer({ service: site.service, listen: "https://127.0.0.1:0", names: [], now });
    try {
      const { key, pin } = await site.service.keys.create({ kind: "client", roles: ["Operator"] });
      const identity = await enrolWith({ url: server.url, key, pin, name: "hmi-2", timeoutMs: 5000 });
      expect(identity).toMatchObject({ state: "active", root: other.root });
      expect(splitPem(identity.chain ?? "")).toHaveLength(4);
    } finally {
      await server.close();
    }
  });

  it("may come as PKCS #7", async () => {
    const chain = [await other.certify(await asked()), other.between, other.root].map(derOfPem);
    await site.service.authority.import(pemOf("PKCS7", certsOnly(chain)), other.lists);
    await site.restart();
    expect(site.service.authority.show().certificates).toHaveLength(3);
  });

  it("is refused when it is not what was asked for, and then nothing has happened", async () => {
    await expect(site.service.authority.import(other.root)).rejects.toEqual(IMPORT);
    const key = await asked();
    const above = other.between + other.root;
    const keys = { certSign: keyUsage(5), wrong: keyUsage(0) };
    const stranger = await company(site.clock);
    const bad = [
      ...["", "nothing", above, site.service.chain],
      (await other.certify(key)) + other.between,
      (await other.certify(key)) + other.root,
      (await other.certify(key)) + stranger.between + stranger.root,
      (await other.certify(newKeyPublic())) + above,
      (await other.certify(key, { days: -0.5 })) + above,
      (await other.certify(key, { extensions: [basicConstraints(false), keys.wrong] })) + above,
      (await other.certify(key, { extensions: [basicConstraints({ pathLength: 0 }), keys.certSign] })) + above,
      (await other.certify(key, { extensions: [] })) + above,
    ];
    for (const [at, chain] of bad.entries()) {
      await expect(site.service.authority.import(chain), `case ${at}`).rejects.toEqual(IMPORT);
    }
    const good = (await other.certify(key)) + above;
    await expect(site.service.authority.import(good, stranger.lists)).rejects.toEqual(IMPORT);
    const { pin } = site.service;
    await site.restart();
    expect(site.service.pin).toBe(pin);
    expect(readdirSync(site.dir).filter((name) => name.startsWith("ca"))).toEqual(["ca"]);
  });

  it("is in place or not, wherever the change of folders was broken off", async () => {
    const { pin } = site.service;
    const chain = (await other.certify(await asked())) + other.between + other.root;
    await site.service.authority.import(chain, other.lists);
    const ca = join(site.dir, "ca");
    // Between its two renames: the old folder has another name, the new one has not got its own yet.
    await site.service.close();
    renameSync(ca, `${ca}.next`);
    renameSync(join(`${ca}.next`, "former", readdirSync(join(`${ca}.next`, "former"))[0] ?? ""), `${ca}.old`);
    await site.restart();
    expect(site.service.pin).not.toBe(pin);
    expect(readdirSync(site.dir).filter((name) => name.startsWith("ca"))).toEqual(["ca"]);
  });
});

function newKeyPublic(): PublicKey {
  return keySigner(newKey()).publicKey;
}

describe("the authority's keys", () => {
  it("can be encrypted, and then open with the passphrase alone", async () => {
    const ca = join(site.dir, "ca");
    await site.service.close();
    expect(changePassphrase(ca, { to: "drei Esel im Regen", random: randomBytes })).toHaveLength(2);
    for (const name of ["root.key", "issuing.key"]) expect(statSync(join(ca, name)).mode & 0o777).toBe(0o600);
    await expect(site.restart()).rejects.toMatchObject({ code: "ERR_AUTHORITY_PASSPHRASE" });
    const encrypted = await openSite({ dir: site.dir, authority: { passphrase: "drei Esel im Regen" } });
    expect(encrypted.service.pin).toBe(site.service.pin);
    expect(encrypted.service.authority.show().certificates.map(({ key }) => key)).toEqual([
      ...["encrypted file", "encrypted file"],
    ]);
    // What is asked for under a passphrase is encrypted under it too.
    await encrypted.service.authority.request("Plant 7 issuing");
    expect(existsSync(join(ca, "request", "issuing.key"))).toBe(true);
    await encrypted.service.close();
    const wrong = { from: "drei Esel", random: randomBytes };
    expect(() => changePassphrase(ca, wrong)).toThrow(expect.objectContaining({ code: "ERR_AUTHORITY_PASSPHRASE" }));
    expect(changePassphrase(ca, { from: "drei Esel im Regen", random: randomBytes })).toHaveLength(3);
    await site.restart();
    rmSync(join(ca, "request"), { recursive: true });
  });

  it("are told apart by where they are", async () => {
    renameSync(join(site.dir, "ca", "root.key"), join(site.dir, "safe.key"));
    await site.restart();
    expect(site.service.authority.show().certificates.map(({ role, key }) => [role, key])).toEqual([
      ["issuing", "file"],
      ["root", "elsewhere"],
    ]);
  });
});
