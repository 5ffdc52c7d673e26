import { createPublicKey, X509Certificate } from "node:crypto";
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { ROLE_OID } from "@modwarden/modbus";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { newKey } from "../authority/key-file.ts";
import { utf8String } from "../certificate/encode.ts";
import { authorityExtensions, leafExtensions } from "../certificate/issue.ts";
import { splitPem } from "../certificate/pem.ts";
import { certificatesOf } from "../certificate/pkcs7.ts";
import { commonName, extendedKeyUsage, extension } from "../certificate/write.ts";
import { createRequest } from "../client/csr.ts";
import { loadIdentity } from "../client/folder.ts";
import { claimInto, enrolInto } from "../client/into.ts";
import { renewInto } from "../client/renew.ts";
import { DAY_MS } from "../context.ts";
import { type EnrolmentServer, startEnrolmentServer } from "../endpoint/server.ts";
import type { WantedContent } from "../errors.ts";
import { handleEst } from "../est/handle.ts";
import { enrolledFolder, exchangeWith } from "../testing/client.ts";
import { type Company, type Fault, openCompany } from "../testing/company.ts";
import { claimed, enrol, operator, refusalOf, SOURCE } from "../testing/enrol.ts";
import { askRenewal, DUE_MS } from "../testing/renew.ts";
import { openSite, type TestSite } from "../testing/site.ts";
import type { AuthorityOptions, Enrolment } from "../types.ts";

const HMI: WantedContent = { id: "hmi-2", kind: "client", role: "Operator", names: [] };
/** Longer than a request that came to nothing is left alone. */
const LATER_MS = 6000;

let company: Company;
let site: TestSite;

beforeAll(async () => {
  company = await openCompany(() => site.clock);
});
afterAll(() => company[Symbol.asyncDispose]());
beforeEach(async () => {
  company.fault = undefined;
  company.signed = 0;
  const { url, root: anchors, user, password } = company;
  site = await openSite({ authority: { est: { url, anchors, user, password, timeoutMs: 5000, patienceMs: 2000 } } });
});
afterEach(async () => {
  await site[Symbol.asyncDispose]();
});

async function requestFor(wanted: WantedContent, key = newKey()): Promise<string> {
  return await createRequest(key, wanted.id, leafExtensions(wanted));
}

async function usedOf(key: string): Promise<number> {
  const id = key.split("_")[1] ?? "";
  return (await site.service.keys.show(id)).used;
}

function refusals(): readonly unknown[] {
  return site.events.filter(({ event }) => event === "refused").map(({ reason }) => reason);
}

function issuers(chain: string): readonly string[] {
  return splitPem(chain).map((pem) => new X509Certificate(pem).subject);
}

describe("a company's authority that issues", () => {
  it("is asked over HTTPS by way of the site: our client's whole life under it, the site's root known beside", async () => {
    const server: EnrolmentServer = await startEnrolmentServer({
      ...{ service: site.service, listen: "https://127.0.0.1:0", names: [], now: () => new Date(site.clock) },
    });
    try {
      const dir = join(site.dir, "hmi-2");
      const { key, pin } = await site.service.keys.create(operator);
      await enrolInto(dir, { url: server.url, key, pin, name: "hmi-2", timeoutMs: 5000 });
      const first = loadIdentity(dir);
      expect(first).toMatchObject({ state: "active", role: "Operator", ca: site.service.root });
      expect(issuers(first.cert)).toEqual(["CN=hmi-2", "CN=Company devices", "CN=Company root"]);
      expect(site.service.subjectsSnapshot()).toMatchObject([{ id: "hmi-2", fingerprint: first.fingerprint }]);
      expect(readdirSync(dir)).toContain("root.pem");
      expect(refusals()).toEqual([]);

      site.clock = Date.parse(first.renewAfter);
      const options = { now: () => new Date(site.clock), exchange: exchangeWith(site) };
      expect((await renewInto(dir, { when: "due", ...options })).outcome).toBe("renewed");
      site.clock += 91 * DAY_MS;
      expect((await renewInto(dir, { when: "due", ...options })).outcome).toBe("recovered");
      const last = loadIdentity(dir);
      expect(last).toMatchObject({ counter: 2, ca: site.service.root });
      expect(issuers(last.cert)).toEqual(issuers(first.cert));
      expect(await site.service.identities.show("hmi-2")).toMatchObject({ fingerprint: last.fingerprint });
      expect(company.signed).toBe(3);
    } finally {
      await server.close();
    }
  });

  it("signs what requests say, so one that says something else is told what before its key's use is taken", async () => {
    const { key } = await site.service.keys.create({ kind: "client", roles: ["Operator", "Viewer"] });
    const wrong = [
      await createRequest(newKey(), "hmi-2"),
      await requestFor({ ...HMI, role: "Engineer" }),
      await requestFor({ ...HMI, role: null }),
      await requestFor({ ...HMI, id: "hmi-3" }),
      await requestFor({ ...HMI, kind: "gateway" }),
    ];
    for (const csr of wrong) {
      const refusal = await refusalOf(enrol(site, key, "hmi-2", { csr, role: "Operator" }));
      expect(refusal).toMatchObject({ code: "ERR_ENROLMENT_CSR_CONTENT", wanted: HMI });
    }
    expect([await usedOf(key), company.signed]).toEqual([0, 0]);
    const right = claimed(await enrol(site, key, "hmi-2", { csr: await requestFor(HMI), role: "Operator" }));
    expect(await usedOf(key)).toBe(1);
    expect((await site.service.confirm(right.fingerprint)).state).toBe("active");
  });

  it("certifies a device under its names and none but these", async () => {
    const names = ["pump-7.plant.example", "10.0.0.7"];
    const { key } = await site.service.keys.create({ kind: "device", roles: [], names });
    const pump: WantedContent = { id: "pump-7", kind: "device", role: null, names };
    const { chain } = claimed(await enrol(site, key, "pump-7", { csr: await requestFor(pump) }));
    expect(new X509Certificate(chain).checkHost("pump-7.plant.example")).toBe("pump-7.plant.example");
    expect(new X509Certificate(chain).keyUsage).toEqual(["1.3.6.1.5.5.7.3.1"]);
  });

  const other = (change: Extract<Fault, { kind: "other" }>["change"]): Fault => ({ kind: "other", change });
  const leaf = (some: Partial<WantedContent>): readonly Uint8Array[] => leafExtensions({ ...HMI, ...some });
  const FAULTS: readonly (readonly [string, Fault])[] = [
    ["is away", { kind: "status", status: 503 }],
    ["wants to look at it first", { kind: "status", status: 202 }],
    ["takes no password of ours", { kind: "status", status: 401 }],
    ["certifies another key", other((asked) => ({ ...asked, publicKey: createPublicKey(newKey()) }))],
    ["raises the role", other((asked) => ({ ...asked, extensions: leaf({ role: "Engineer" }) }))],
    ["leaves the role out", other((asked) => ({ ...asked, extensions: leaf({ role: null }) }))],
    [
      "gives a second role",
      other((asked) => ({
        ...asked,
        extensions: [...asked.extensions, extension(ROLE_OID, false, utf8String("Engineer"))],
      })),
    ],
    ["names somebody else", other((asked) => ({ ...asked, subject: commonName("hmi-3") }))],
    ["names something else beside", other((asked) => ({ ...asked, extensions: leaf({ kind: "gateway" }) }))],
    [
      "gives another purpose",
      other((asked) => ({
        ...asked,
        extensions: [extendedKeyUsage("1.3.6.1.5.5.7.3.1"), ...asked.extensions.slice(1)],
      })),
    ],
    [
      "makes an authority of it",
      other((asked) => ({ ...asked, extensions: [...asked.extensions, ...authorityExtensions(0)] })),
    ],
    ["has ended it already", other((asked) => ({ ...asked, notAfter: new Date(site.clock) }))],
    ["begins it next week", other((asked) => ({ ...asked, notBefore: new Date(site.clock + 7 * DAY_MS) }))],
    ["lets it never end", other((asked) => ({ ...asked, notAfter: new Date(site.clock + 900 * DAY_MS) }))],
    ["is a stranger under its name", { kind: "stranger" }],
  ];

  it.each(FAULTS)(
    "that %s leaves the enrolment waiting: on record, nothing lost, and whole when it is cured",
    async (_, fault) => {
      company.fault = fault;
      const { key } = await site.service.keys.create(operator);
      const csr = await requestFor(HMI);
      const waiting = await enrol(site, key, "hmi-2", { csr });
      expect(waiting).toMatchObject({ state: "pending", waitsFor: "authority" });
      expect(site.events.at(-1)).toMatchObject({ event: "refused", reason: "authority", id: "hmi-2", source: SOURCE });
      expect(await site.service.identities.show("hmi-2")).toMatchObject({ state: "approved", fingerprint: null });
      expect(await usedOf(key)).toBe(1);
      const signed = company.signed;
      expect((await enrol(site, key, "hmi-2", { csr })).state).toBe("pending");
      // At once it is not asked again.
      expect([refusals(), company.signed]).toEqual([["authority"], signed]);

      company.fault = undefined;
      site.clock += LATER_MS;
      await site.restart();
      const { fingerprint } = claimed(await enrol(site, key, "hmi-2", { csr }));
      expect((await site.service.confirm(fingerprint)).state).toBe("active");
      expect(await usedOf(key)).toBe(1);
      expect(site.events.map(({ event }) => event)).toEqual([
        ...["key-created", "requested", "refused", "claimed", "confirmed"],
      ]);
    },
  );

  it("that does not answer in time is not waited for; what it answers late is there for who asks again", async () => {
    await site[Symbol.asyncDispose]();
    const { url, root: anchors, user, password } = company;
    site = await openSite({ authority: { est: { url, anchors, user, password, patienceMs: 20 } } });
    let release = (): void => undefined;
    company.fault = {
      kind: "slow",
      until: new Promise((resolve) => {
        release = resolve;
      }),
    };
    const { key } = await site.service.keys.create(operator);
    const csr = await requestFor(HMI);
    const waiting = await enrol(site, key, "hmi-2", { csr });
    if (waiting.state !== "pending") throw new Error("expected to wait");
    expect((await enrol(site, key, "hmi-2", { csr })).state).toBe("pending");
    expect(refusals()).toEqual(["authority"]);
    release();
    await expect.poll(async () => (await enrol(site, key, "hmi-2", { csr })).state).toBe("claimed");
    expect([company.signed, await usedOf(key)]).toEqual([1, 1]);
  });

  it("is asked once for who asks twice at the same time, and both get the one certificate", async () => {
    const { key } = await site.service.keys.create(operator);
    const csr = await requestFor(HMI);
    company.fault = { kind: "status", status: 503 };
    const { claim } = (await enrol(site, key, "hmi-2", { csr })) as Extract<Enrolment, { state: "pending" }>;
    company.fault = undefined;
    site.clock += LATER_MS;
    const ask = { id: "hmi-2", claim, source: SOURCE };
    const both = await Promise.all([site.service.claim(ask), site.service.claim(ask), site.service.claim(ask)]);
    expect(new Set(both.map((one) => claimed(one).fingerprint)).size).toBe(1);
    expect(company.signed).toBe(1);
  });

  it("is asked only after a person has approved, and by the client's next command", async () => {
    const server = await startEnrolmentServer({
      ...{ service: site.service, listen: "https://127.0.0.1:0", names: [], now: () => new Date(site.clock) },
    });
    try {
      const dir = join(site.dir, "hmi-2");
      const { key, pin } = await site.service.keys.create({ ...operator, approval: "manual" });
      const options = { url: server.url, key, pin, name: "hmi-2", timeoutMs: 5000 };
      expect((await enrolInto(dir, options)).state).toBe("pending");
      expect(company.signed).toBe(0);
      await site.service.identities.approve("hmi-2");
      expect((await claimInto(dir)).state).toBe("active");
      expect(loadIdentity(dir).ca).toBe(site.service.root);
    } finally {
      await server.close();
    }
  });

  it("is not asked with a role that was changed meanwhile; a new request with the same key is", async () => {
    const { key } = await site.service.keys.create({ ...operator, roles: ["Operator", "Viewer"], approval: "manual" });
    const keyPair = newKey();
    const csr = await requestFor(HMI, keyPair);
    await enrol(site, key, "hmi-2", { csr, role: "Operator" });
    await site.service.identities.setRole("hmi-2", "Viewer");
    await site.service.identities.approve("hmi-2");
    const told = await refusalOf(enrol(site, key, "hmi-2", { csr, role: "Operator" }));
    expect(told).toMatchObject({ code: "ERR_ENROLMENT_CSR_CONTENT", wanted: { ...HMI, role: "Viewer" } });
    const anew = await requestFor({ ...HMI, role: "Viewer" }, keyPair);
    expect(claimed(await enrol(site, key, "hmi-2", { csr: anew })).role).toBe("Viewer");
    expect(company.signed).toBe(1);
  });

  it.each([
    ["renew", 0],
    ["recover", 40 * DAY_MS],
  ] as const)("that is away or wrong when one wants to %s leaves what counts as it was", async (way, more) => {
    const { key } = await site.service.keys.create(operator);
    const { fingerprint } = claimed(await enrol(site, key, "hmi-2", { csr: await requestFor(HMI) }));
    await site.service.confirm(fingerprint);
    site.clock += DUE_MS + more;
    const told = await refusalOf(askRenewal(site, fingerprint, { way, counter: 0 }));
    expect(told).toMatchObject({ code: "ERR_ENROLMENT_CSR_CONTENT", wanted: HMI });
    for (const fault of [FAULTS[0], FAULTS[4]]) {
      company.fault = fault?.[1];
      const csr = await requestFor(HMI);
      expect((await refusalOf(askRenewal(site, fingerprint, { way, counter: 0, csr }))).code).toBe(
        "ERR_AUTHORITY_AWAY",
      );
      expect(site.events.at(-1)).toMatchObject({ event: "refused", reason: "authority", id: "hmi-2" });
      const { nextFingerprint, fingerprint: counts } = await site.service.identities.show("hmi-2");
      expect([nextFingerprint, counts]).toEqual([null, fingerprint]);
    }
    company.fault = undefined;
    const csr = await requestFor(HMI);
    const next = await askRenewal(site, fingerprint, { way, counter: 0, csr });
    expect((await askRenewal(site, fingerprint, { way, counter: 0, csr })).fingerprint).toBe(next.fingerprint);
    expect((await site.service.confirm(next.fingerprint)).state).toBe("active");
    expect((await site.service.identities.show("hmi-2")).fingerprint).toBe(next.fingerprint);
  });

  it("is asked for standard EST clients too, who are told what to ask for and when to come again", async () => {
    const { key } = await site.service.keys.create(operator);
    const ask = async (csr: string) =>
      await handleEst(site.service, {
        ...{ method: "POST", path: "/.well-known/est/simpleenroll", source: SOURCE, body: Buffer.from(csr) },
        contentType: "application/pkcs10",
        authorization: `Basic ${Buffer.from(`hmi-2:${key}`).toString("base64")}`,
      });
    const told = await ask(await createRequest(newKey(), "hmi-2"));
    expect(told.status).toBe(400);
    expect(told.body).toContain("URI:urn:modwarden:client:hmi-2");
    expect(told.body).toContain("1.3.6.1.4.1.50316.802.1 = ASN1:UTF8String:Operator");
    expect(refusals()).toEqual(["csr"]);
    const csr = await requestFor(HMI);
    company.fault = { kind: "status", status: 500 };
    expect(await ask(csr)).toMatchObject({ status: 202, headers: { "retry-after": "60" } });
    company.fault = undefined;
    site.clock += LATER_MS;
    const [leafDer] = certificatesOf(Buffer.from((await ask(csr)).body, "base64"));
    expect(new X509Certificate(leafDer ?? "").issuer).toBe("CN=Company devices");
    const get = async (path: string) =>
      await handleEst(site.service, {
        ...{ method: "GET", path: `/.well-known/est/${path}`, source: SOURCE, body: new Uint8Array() },
      });
    const authorities = certificatesOf(Buffer.from((await get("cacerts")).body, "base64"));
    expect(authorities.map((one) => new X509Certificate(one).subject)).toContain("CN=Company root");
    const attributes = Buffer.from((await get("csrattrs")).body, "base64").toString("hex");
    expect(attributes).toContain("06092a864886f70d01090e"); // extensionRequest
  });

  it("takes over from the site's own, and hands back to it, with every renewal", async () => {
    const { url, root: anchors, user, password } = company;
    const options: { authority: AuthorityOptions } = { authority: {} };
    await using own = await openSite({
      get authority() {
        return options.authority;
      },
    });
    const dir = await enrolledFolder(own, "hmi-2");
    const renewed = async (authority: AuthorityOptions): Promise<readonly string[]> => {
      options.authority = authority;
      await own.restart();
      own.clock = Date.parse(loadIdentity(dir).renewAfter);
      await renewInto(dir, { when: "due", now: () => new Date(own.clock), exchange: exchangeWith(own) });
      expect(loadIdentity(dir).ca).toBe(own.service.root);
      return [issuers(loadIdentity(dir).cert).at(-1) ?? "", ...readdirSync(dir).filter((file) => file === "root.pem")];
    };
    site.clock = own.clock + 45 * DAY_MS;
    expect(await renewed({ est: { url, anchors, user, password } })).toEqual(["CN=Company root", "root.pem"]);
    expect(await renewed({})).toEqual([new X509Certificate(own.service.root).subject]);
  });

  it("is trusted beside the site's own root by what checks certificates here, and shown", async () => {
    expect(site.service.authority.roots).toEqual([site.service.root, company.root]);
    expect(site.service.authority.listsAgainstAuthorities()).toEqual([]);
    expect(site.service.authority.show().external).toMatchObject({ url: company.url });
    const est = { url: company.url, anchors: "none" };
    expect((await refusalOf(openSite({ authority: { est } }))).code).toBe("ERR_AUTHORITY_IMPORT");
  });
});
