import { X509Certificate } from "node:crypto";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { roleOf } from "@modwarden/modbus";
import { describe, expect, it } from "vitest";
import { newKey } from "../authority/key-file.ts";
import { createRequest } from "../client/csr.ts";
import { DAY_MS } from "../context.ts";
import { enrolled, operator, refusalOf, SOURCE } from "../testing/enrol.ts";
import { askRenewal, DUE_MS, renewed } from "../testing/renew.ts";
import { openSite, type TestSite } from "../testing/site.ts";

function lastRefusal(site: TestSite): unknown {
  const { reason, id, correlation } = site.events.filter(({ event }) => event === "refused").at(-1) ?? {};
  return { reason, id, correlation };
}

describe("renewing", () => {
  it("puts the confirmed certificate in the place of the old one, with the same record and a new key", async () => {
    await using site = await openSite();
    const first = await enrolled(site, "hmi-2");
    site.clock += DUE_MS;
    const next = await askRenewal(site, first.fingerprint, { counter: 0 });
    expect(next).toMatchObject({ id: "hmi-2", role: "Operator", state: "claimed", counter: 1 });
    expect(await site.service.identities.show("hmi-2")).toMatchObject({
      fingerprint: first.fingerprint,
      nextFingerprint: next.fingerprint,
    });
    expect(await site.service.confirm(next.fingerprint, SOURCE)).toMatchObject({ state: "active" });
    expect(await site.service.identities.show("hmi-2")).toMatchObject({
      state: "active",
      fingerprint: next.fingerprint,
      nextFingerprint: null,
      renewals: 1,
      recoveries: 0,
    });
    expect(site.service.subjectsSnapshot()).toMatchObject([{ id: "hmi-2", fingerprint: next.fingerprint }]);
    expect(site.events.slice(-2)).toMatchObject([
      { event: "renewing", detail: { replaces: first.fingerprint } },
      { event: "renewed", fingerprint: next.fingerprint, source: SOURCE, detail: { counter: 1 } },
    ]);
    const [before, after] = [first, next].map(({ chain }) => new X509Certificate(chain));
    expect(after?.publicKey.equals(before!.publicKey)).toBe(false);
    expect(after?.subject).toBe(before?.subject);
    expect(Date.parse(next.renewal.after)).toBeGreaterThan(site.clock + 55 * DAY_MS);
  });

  it("waits for half of life, unless it is forced", async () => {
    await using site = await openSite();
    const { fingerprint } = await enrolled(site, "hmi-2");
    site.clock += 45 * DAY_MS - 60_000;
    expect((await refusalOf(askRenewal(site, fingerprint))).code).toBe("ERR_RENEWAL_EARLY");
    expect((await askRenewal(site, fingerprint, { force: true })).state).toBe("claimed");
    site.clock += 60_000;
    expect((await askRenewal(site, fingerprint)).state).toBe("claimed");
  });

  it("gives the certificate the role that the registry has now", async () => {
    await using site = await openSite();
    const { fingerprint } = await enrolled(site, "hmi-2");
    // No command changes a role; whoever does it in the registry finds it in the next certificate.
    const registry = new DatabaseSync(join(site.dir, "registry.sqlite"));
    registry.exec("update identity set role = 'Viewer' where id = 'hmi-2'");
    registry.close();
    const next = await askRenewal(site, fingerprint, { force: true });
    expect(roleOf(new X509Certificate(next.chain).raw)).toMatchObject({ role: "Viewer" });
  });

  it("answers a repeated request with the same certificate, and lets another key take its place", async () => {
    await using site = await openSite();
    const { fingerprint } = await enrolled(site, "hmi-2");
    site.clock += DUE_MS;
    const csr = await createRequest(newKey(), "x");
    const one = await askRenewal(site, fingerprint, { csr });
    expect((await askRenewal(site, fingerprint, { csr })).fingerprint).toBe(one.fingerprint);
    const two = await askRenewal(site, fingerprint);
    expect((await refusalOf(site.service.confirm(one.fingerprint, SOURCE))).code).toBe("ERR_ENROLMENT_CONFIRM");
    expect(lastRefusal(site)).toMatchObject({ reason: "not-confirmed", id: "hmi-2" });
    expect((await site.service.confirm(two.fingerprint)).state).toBe("active");
    expect((await site.service.identities.show("hmi-2")).state).toBe("active");
  });

  it("keeps the old certificate where the new one is not confirmed in ten minutes", async () => {
    await using site = await openSite();
    const { fingerprint } = await enrolled(site, "hmi-2");
    site.clock += DUE_MS;
    const next = await askRenewal(site, fingerprint);
    site.clock += 600_000;
    expect(await site.service.expireUnconfirmed()).toEqual(["hmi-2"]);
    expect(site.events.at(-1)).toMatchObject({ event: "unconfirmed", fingerprint: next.fingerprint });
    expect((await refusalOf(site.service.confirm(next.fingerprint))).code).toBe("ERR_ENROLMENT_CONFIRM");
    expect((await refusalOf(askRenewal(site, next.fingerprint))).code).toBe("ERR_ENROLMENT_REFUSED");
    expect(await site.service.identities.show("hmi-2")).toMatchObject({ state: "active", fingerprint });
    expect(await renewed(site, fingerprint, { counter: 0 })).toMatchObject({ counter: 1 });
  });

  it("refuses a key that was in use, and a request that proves nothing", async () => {
    await using site = await openSite();
    const key = newKey();
    const created = await site.service.keys.create(operator);
    const csr = await createRequest(key, "hmi-2");
    const enrolment = await site.service.enrol({ key: created.key, csr, name: "hmi-2", source: SOURCE });
    if (enrolment.state !== "claimed") throw new Error("expected a certificate");
    await site.service.confirm(enrolment.fingerprint);
    site.clock += DUE_MS;
    const { fingerprint } = enrolment;
    expect((await refusalOf(askRenewal(site, fingerprint, { csr }))).code).toBe("ERR_ENROLMENT_CSR");
    expect((await refusalOf(askRenewal(site, fingerprint, { csr: "none" }))).code).toBe("ERR_ENROLMENT_CSR");
    expect(lastRefusal(site)).toMatchObject({ reason: "csr", id: "hmi-2" });
    const next = await renewed(site, fingerprint);
    site.clock += DUE_MS;
    expect((await refusalOf(askRenewal(site, next.fingerprint, { csr }))).code).toBe("ERR_ENROLMENT_CSR");
  });

  it("issues a bounded number in a time", async () => {
    await using site = await openSite();
    const { fingerprint } = await enrolled(site, "hmi-2");
    site.clock += DUE_MS;
    for (let index = 0; index < 12; index += 1) await askRenewal(site, fingerprint);
    expect((await refusalOf(askRenewal(site, fingerprint))).code).toBe("ERR_ENROLMENT_THROTTLED");
    site.clock += 9 * DAY_MS;
    expect((await askRenewal(site, fingerprint)).state).toBe("claimed");
  });

  it("says one thing to strangers, suspended, revoked, retired and unconfirmed ones", async () => {
    await using site = await openSite();
    const ids = ["suspended", "revoked", "retired", "claimed"];
    const known = [];
    for (const id of ids.slice(0, 3)) known.push((await enrolled(site, id)).fingerprint);
    await site.service.identities.suspend("suspended");
    await site.service.identities.revoke("revoked");
    await site.service.identities.retire("retired");
    const { key } = await site.service.keys.create(operator);
    const claimed = await site.service.enrol({
      key,
      csr: await createRequest(newKey(), "x"),
      name: "claimed",
      source: SOURCE,
    });
    if (claimed.state !== "claimed") throw new Error("expected a certificate");
    const reasons = ["suspended", "revoked", "revoked", "not-confirmed", "unknown"];
    for (const [index, fingerprint] of [...known, claimed.fingerprint, "0".repeat(64)].entries()) {
      for (const way of ["renew", "recover"] as const) {
        const { code, message, correlation } = await refusalOf(askRenewal(site, fingerprint, { way, force: true }));
        expect([code, message]).toEqual(["ERR_ENROLMENT_REFUSED", expect.stringContaining("gets no new certificate")]);
        expect(lastRefusal(site)).toMatchObject({ reason: reasons[index], correlation });
      }
    }
  });

  it("refuses to confirm for an identity that was suspended meanwhile, which keeps its certificate", async () => {
    await using site = await openSite();
    const { fingerprint } = await enrolled(site, "hmi-2");
    const next = await askRenewal(site, fingerprint, { force: true });
    await site.service.identities.suspend("hmi-2");
    expect((await refusalOf(site.service.confirm(next.fingerprint))).code).toBe("ERR_ENROLMENT_CONFIRM");
    await site.service.identities.resume("hmi-2");
    expect(await site.service.identities.show("hmi-2")).toMatchObject({ state: "active", fingerprint });
  });

  it("throttles who is refused too often, on record once", async () => {
    await using site = await openSite({ refusals: { burst: 2, perMinute: 1 } });
    for (let index = 0; index < 5; index += 1) await refusalOf(askRenewal(site, "0".repeat(64)));
    expect((await refusalOf(askRenewal(site, "0".repeat(64)))).code).toBe("ERR_ENROLMENT_THROTTLED");
    const refused = site.events.filter(({ event }) => event === "refused").map(({ reason }) => reason);
    expect(refused).toEqual(["unknown", "unknown", "throttled"]);
  });
});
