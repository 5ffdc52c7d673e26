import { randomBytes } from "node:crypto";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { enrol, refusalOf } from "../testing/enrol.ts";
import { openSite, type TestSite } from "../testing/site.ts";
import { createKeyIssuer, formatKeyIssuer, parseKeyIssuer, parseSigningKeyIssuer } from "./issuer-file.ts";
import { type OfflineKeyOptions, parseOfflineKey, signOfflineKey, verifyOfflineKey } from "./offline-key.ts";

const issuer = createKeyIssuer("factory 3");
const PIN = `sha256/${"A".repeat(43)}=`;
const now = new Date("2026-11-21T12:00:00Z");
const device: OfflineKeyOptions = { kind: "device", roles: ["Meter"], pin: PIN };

function signed(options: Partial<OfflineKeyOptions> = {}, at: Date = now): string {
  return signOfflineKey(issuer, { ...device, ...options }, { now: at, random: randomBytes }).key;
}

function codeOf(act: () => unknown): unknown {
  try {
    act();
  } catch (error) {
    return (error as { readonly code?: unknown }).code;
  }
  return "no error";
}

describe("an offline key", () => {
  it("is verified with the public key alone, and says what it is for", () => {
    const publicHalf = parseKeyIssuer(formatKeyIssuer(issuer));
    const text = signed({ serials: ["S1"], model: "PM5560", claims: { warranty: "2031" }, certificateDays: 30 });
    expect(text).toMatch(/^mwv1\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]{86}$/);
    expect(verifyOfflineKey(`${text}\n`, publicHalf)).toMatchObject({
      v: 1,
      issuer: issuer.id,
      kind: "device",
      roles: ["Meter"],
      serials: ["S1"],
      uses: 1,
      approval: "auto",
      claims: { warranty: "2031" },
      expires: now.getTime() / 1000 + 86_400,
      pin: PIN,
    });
  });

  it("does not survive any change of one character", () => {
    const text = signed();
    fc.assert(
      fc.property(fc.nat(text.length - 1), fc.constantFrom(..."AQgw01_-."), (at, character) => {
        fc.pre(text[at] !== character);
        const changed = text.slice(0, at) + character + text.slice(at + 1);
        expect(codeOf(() => verifyOfflineKey(changed, issuer))).toMatch(/^ERR_KEY_(MALFORMED|ISSUER)$/);
      }),
    );
  });

  it("of another issuer is not this one's", () => {
    const other = createKeyIssuer("factory 3");
    expect(codeOf(() => verifyOfflineKey(signed(), other))).toBe("ERR_KEY_ISSUER");
  });

  it("has one spelling", () => {
    const [form, payload = "", signature] = signed().split(".");
    const spaced = JSON.stringify(JSON.parse(Buffer.from(payload, "base64url").toString()), undefined, 1);
    const text = `${form}.${Buffer.from(spaced).toString("base64url")}.${signature}`;
    expect(codeOf(() => parseOfflineKey(text))).toBe("ERR_KEY_MALFORMED");
  });

  it("ends within 30 days and has no more uses than serial numbers", () => {
    const code = (options: Partial<OfflineKeyOptions>): unknown => codeOf(() => signed(options));
    expect(code({ expiresInMs: 31 * 86_400_000 })).toBe("ERR_KEY_OPTIONS");
    expect(code({ uses: 2 })).toBe("ERR_KEY_REUSABLE");
    expect(code({ uses: 2, approval: "manual" })).toBe("ERR_KEY_OPTIONS");
    expect(code({ uses: 3, serials: ["1", "2"] })).toBe("ERR_KEY_OPTIONS");
    expect(code({ pin: "sha256/x" })).toBe("ERR_KEY_OPTIONS");
    expect(
      code({ claims: { text: "x".repeat(200) }, serials: Array.from({ length: 64 }, (_, n) => `${n}`.repeat(90)) }),
    ).toBe("ERR_KEY_OPTIONS");
    expect(code({ uses: 2, serials: ["1", "2"] })).toBe("no error");
  });

  it("comes from files whose two keys belong together", () => {
    const other = createKeyIssuer("other");
    const file = formatKeyIssuer(issuer, issuer.privateKey);
    expect(parseSigningKeyIssuer(file).id).toBe(issuer.id);
    expect(codeOf(() => parseSigningKeyIssuer(formatKeyIssuer(issuer)))).toBe("ERR_KEY_FILE");
    expect(codeOf(() => parseSigningKeyIssuer(formatKeyIssuer(issuer, other.privateKey)))).toBe("ERR_KEY_FILE");
    expect(codeOf(() => parseKeyIssuer(file.replace(issuer.id, other.id)))).toBe("ERR_KEY_FILE");
    expect(codeOf(() => parseKeyIssuer("{}"))).toBe("ERR_KEY_FILE");
  });
});

describe("enrolment with an offline key", () => {
  const file = formatKeyIssuer(issuer);

  async function trusting(): Promise<TestSite> {
    const site = await openSite();
    await site.service.keys.issuers.trust({ file, kinds: ["device"], roles: ["Meter", "Viewer"] });
    return site;
  }

  function forSite(site: TestSite, options: Partial<OfflineKeyOptions> = {}): string {
    return signed({ pin: site.service.pin, ...options }, new Date(site.clock));
  }

  it("works once, without the site ever having seen it, and stands in the ledger", async () => {
    await using site = await trusting();
    const key = forSite(site, { claims: { batch: "7" } });
    expect(await enrol(site, key, "meter-1")).toMatchObject({ state: "claimed", role: "Meter" });
    expect((await refusalOf(enrol(site, key, "meter-2"))).code).toBe("ERR_ENROLMENT_REFUSED");
    await site.restart();
    expect((await refusalOf(enrol(site, key, "meter-2"))).code).toBe("ERR_ENROLMENT_REFUSED");
    expect(await site.service.keys.list()).toMatchObject([{ form: "offline", state: "used-up", used: 1 }]);
    expect(await site.service.identities.show("meter-1")).toMatchObject({ claims: { batch: "7" } });
  });

  it("lets exactly one of twenty through", async () => {
    await using site = await trusting();
    const key = forSite(site);
    const results = await Promise.allSettled(Array.from({ length: 20 }, (_, n) => enrol(site, key, `meter-${n}`)));
    expect(results.filter(({ status }) => status === "fulfilled")).toHaveLength(1);
  });

  it("keeps to its bounds and to the issuer's ceiling, with the reason in the log", async () => {
    await using site = await trusting();
    const stranger = createKeyIssuer("stranger");
    const at = { now: new Date(site.clock), random: randomBytes };
    const { pin } = site.service;
    const used = forSite(site);
    await enrol(site, used, "first");
    site.events.length = 0;
    const [form, payload, signature = ""] = forSite(site).split(".");
    const forged = [form, payload, `${signature.startsWith("A") ? "B" : "A"}${signature.slice(1)}`].join(".");
    const cases: readonly (readonly [string, string])[] = [
      ["unknown", signOfflineKey(stranger, { ...device, pin }, at).key],
      ["unknown", forSite(site, { pin: PIN })],
      ["wrong-secret", forged],
      ["malformed", "mwv1.x.y"],
      ["expired", signed({ pin }, new Date(site.clock - 2 * 86_400_000))],
      ["clock", signed({ pin }, new Date(site.clock + 3_600_000))],
      ["role", forSite(site, { kind: "client" })],
      ["role", forSite(site, { roles: ["Engineer"] })],
      ["serial", forSite(site, { serials: ["S1"] })],
      ["used-up", used],
    ];
    for (const [, key] of cases) expect((await refusalOf(enrol(site, key, "next"))).code).toBe("ERR_ENROLMENT_REFUSED");
    const reasons = site.events.filter(({ event }) => event === "refused").map(({ reason }) => reason);
    expect(reasons).toEqual(cases.map(([reason]) => reason));
    expect(await enrol(site, forSite(site, { roles: ["Engineer", "Viewer"] }), "next")).toMatchObject({
      role: "Viewer",
    });
  });

  it("is over when the issuer is revoked, and a revoked issuer is not trusted again", async () => {
    await using site = await trusting();
    const key = forSite(site);
    expect(await site.service.keys.issuers.revoke(issuer.id)).toMatchObject({ state: "revoked" });
    await refusalOf(enrol(site, key, "meter-1"));
    expect(site.events.at(-1)).toMatchObject({ event: "refused", reason: "revoked" });
    const again = site.service.keys.issuers.trust({ file, kinds: ["device"], roles: [] });
    expect((await refusalOf(again)).code).toBe("ERR_KEY_ISSUER");
    expect((await refusalOf(site.service.keys.issuers.revoke("00000000"))).code).toBe("ERR_KEY_ISSUER");
  });
});
