import { describe, expect, it } from "vitest";
import { enrolled, operator, refusalOf, SOURCE } from "../testing/enrol.ts";
import { askRenewal, DUE_MS, renewed } from "../testing/renew.ts";
import { openSite, type TestSite } from "../testing/site.ts";

const THIEF = "10.9.9.9";

async function twoHolders(site: TestSite): Promise<{ old: string; current: string }> {
  const { fingerprint: old } = await enrolled(site, "hmi-2");
  site.clock += DUE_MS;
  return { old, current: (await renewed(site, old, { counter: 0 })).fingerprint };
}

describe("a second holder", () => {
  it.each([
    ["renew", (site: TestSite, old: string) => askRenewal(site, old, { source: THIEF })],
    ["recover", (site: TestSite, old: string) => askRenewal(site, old, { way: "recover", source: THIEF })],
    ["confirm", (site: TestSite, old: string) => site.service.confirm(old, THIEF)],
  ] as const)("is found by a replaced certificate that it shows to %s, and both are locked", async (_, show) => {
    await using site = await openSite();
    const { old, current } = await twoHolders(site);
    const refusal = await refusalOf(show(site, old));
    expect(refusal.correlation).toMatch(/^[0-9A-Z]{8}$/);
    expect(await site.service.identities.show("hmi-2")).toMatchObject({ state: "suspended", reason: "clone" });
    expect(site.service.subjectsSnapshot()).toMatchObject([{ id: "hmi-2", state: "suspended" }]);
    const { correlation } = refusal;
    expect(site.events.slice(-2)).toMatchObject([
      {
        event: "cloned",
        id: "hmi-2",
        fingerprint: old,
        source: THIEF,
        correlation,
        detail: { current, currentSource: SOURCE },
      },
      { event: "refused", reason: "clone", correlation },
    ]);
    for (const fingerprint of [old, current]) {
      expect((await refusalOf(askRenewal(site, fingerprint))).code).toBe("ERR_ENROLMENT_REFUSED");
      expect(site.events.at(-1)).toMatchObject({ event: "refused", reason: "clone", id: "hmi-2" });
    }
    expect(site.events.filter(({ event }) => event === "cloned")).toHaveLength(1);
  });

  it("is found by a counter that does not fit", async () => {
    await using site = await openSite();
    const { current } = await twoHolders(site);
    site.clock += DUE_MS;
    await refusalOf(askRenewal(site, current, { counter: 0, source: THIEF }));
    expect(await site.service.identities.show("hmi-2")).toMatchObject({ state: "suspended", reason: "clone" });
    expect(site.events.at(-2)).toMatchObject({ event: "cloned", detail: { counter: 0, expectedCounter: 1 } });
  });

  it("ends a renewal that is under way", async () => {
    await using site = await openSite();
    const { old, current } = await twoHolders(site);
    site.clock += DUE_MS;
    const next = await askRenewal(site, current);
    await refusalOf(askRenewal(site, old));
    expect((await refusalOf(site.service.confirm(next.fingerprint))).code).toBe("ERR_ENROLMENT_CONFIRM");
    expect(await site.service.identities.show("hmi-2")).toMatchObject({ nextFingerprint: null, fingerprint: current });
  });

  it("is resumed only by who says that two hold it; the certificate that counts then works again", async () => {
    await using site = await openSite();
    const { old, current } = await twoHolders(site);
    await refusalOf(askRenewal(site, old));
    expect((await refusalOf(site.service.identities.resume("hmi-2"))).code).toBe("ERR_IDENTITY_STATE");
    expect(await site.service.identities.resume("hmi-2", { despiteClone: true })).toMatchObject({ state: "active" });
    site.clock += DUE_MS;
    expect((await renewed(site, current, { counter: 1 })).counter).toBe(2);
  });

  it("does not harm who has the name now", async () => {
    await using site = await openSite();
    const { old } = await twoHolders(site);
    await site.service.identities.retire("hmi-2");
    site.clock += 1000;
    await enrolled(site, "hmi-2", operator);
    await refusalOf(askRenewal(site, old));
    expect(site.events.at(-1)).toMatchObject({ event: "refused", reason: "revoked" });
    expect((await site.service.identities.show("hmi-2")).state).toBe("active");
  });

  it("is not seen in a request that was overtaken by its own holder's next one", async () => {
    await using site = await openSite();
    const { fingerprint } = await enrolled(site, "hmi-2");
    const next = await askRenewal(site, fingerprint, { force: true });
    // It has come in before the confirmation, which is on disk before it is looked at.
    const late = askRenewal(site, fingerprint, { force: true, csr: "none" });
    site.clock += 1000;
    await Promise.allSettled([site.service.confirm(next.fingerprint), late]);
    expect((await site.service.identities.show("hmi-2")).state).toBe("active");
  });
});
