import { X509Certificate } from "node:crypto";
import { describe, expect, it } from "vitest";
import { fingerprintOf } from "../certificate/fingerprint.ts";
import { DAY_MS } from "../context.ts";
import { enrolled, refusalOf } from "../testing/enrol.ts";
import { askRenewal, DUE_MS, renewed } from "../testing/renew.ts";
import { openSite } from "../testing/site.ts";

describe("recovering", () => {
  const ENDED_MS = 100 * DAY_MS;

  it("lets a device back in that was switched off past its certificate's end, and counts it", async () => {
    await using site = await openSite();
    const { fingerprint } = await enrolled(site, "pump-7");
    site.clock += ENDED_MS;
    expect((await refusalOf(site.service.confirm(fingerprint))).code).toBe("ERR_RENEWAL_ENDED");
    expect((await refusalOf(askRenewal(site, fingerprint))).code).toBe("ERR_RENEWAL_ENDED");
    await renewed(site, fingerprint, { way: "recover", counter: 0 });
    expect(await site.service.identities.show("pump-7")).toMatchObject({ renewals: 1, recoveries: 1 });
    expect(site.events.slice(-2).map(({ event }) => event)).toEqual(["recovering", "recovered"]);
  });

  it("ends at the limit until a person has looked", async () => {
    await using site = await openSite();
    let { fingerprint } = await enrolled(site, "pump-7");
    for (let count = 0; count < 3; count += 1) {
      site.clock += ENDED_MS;
      ({ fingerprint } = await renewed(site, fingerprint, { way: "recover", counter: count }));
    }
    site.clock += ENDED_MS;
    expect((await refusalOf(askRenewal(site, fingerprint, { way: "recover" }))).code).toBe("ERR_ENROLMENT_REFUSED");
    expect(site.events.at(-1)).toMatchObject({ reason: "recovery-limit", detail: { recoveries: 3, limit: 3 } });
    expect(await site.service.identities.resetRecoveries("pump-7", 1)).toMatchObject({
      recoveries: 0,
      recoveryLimit: 1,
    });
    expect((await renewed(site, fingerprint, { way: "recover", counter: 3 })).counter).toBe(4);
  });

  it("counts only what is confirmed, and what came after the end", async () => {
    await using site = await openSite();
    const { fingerprint } = await enrolled(site, "pump-7");
    site.clock += DUE_MS;
    const early = await renewed(site, fingerprint, { way: "recover" });
    expect(await site.service.identities.show("pump-7")).toMatchObject({ recoveries: 0, renewals: 1 });
    site.clock += ENDED_MS;
    await askRenewal(site, early.fingerprint, { way: "recover" });
    site.clock += 600_000;
    await renewed(site, early.fingerprint, { way: "recover" });
    expect(await site.service.identities.show("pump-7")).toMatchObject({ recoveries: 1, renewals: 2 });
  });

  it("gives nothing for the certificates of the site's own servers", async () => {
    await using site = await openSite();
    const names = ["gw1.plant.example"];
    const gateway = { id: "gw1", kind: "gateway", names, link: { role: "Gateway" } } as const;
    const { fingerprint, link } = await site.service.issueServerCertificate(gateway);
    const endpoint = await site.service.issueEndpointCertificate(names);
    const linked = fingerprintOf(new X509Certificate(link?.chain ?? "").raw);
    for (const one of [fingerprint, endpoint.fingerprint, linked]) {
      for (const way of ["renew", "recover"] as const) {
        const asked = askRenewal(site, one, { way, force: true });
        expect((await refusalOf(asked)).code).toBe("ERR_ENROLMENT_REFUSED");
        expect(site.events.at(-1)).toMatchObject({ reason: "unknown", fingerprint: one });
      }
      expect((await refusalOf(site.service.confirm(one))).code).toBe("ERR_ENROLMENT_CONFIRM");
    }
  });

  it("takes one at once that was issued under a clock that was ahead", async () => {
    await using site = await openSite();
    const right = site.clock;
    site.clock = right + 365 * DAY_MS;
    const { fingerprint } = await enrolled(site, "pump-7");
    site.clock = right;
    const next = await renewed(site, fingerprint);
    expect(Date.parse(next.expires)).toBeLessThanOrEqual(right + 90 * DAY_MS);
    expect((await refusalOf(askRenewal(site, next.fingerprint))).code).toBe("ERR_RENEWAL_EARLY");
  });

  it("also takes one whose certificate ended while its renewal was not confirmed", async () => {
    await using site = await openSite();
    const { fingerprint } = await enrolled(site, "pump-7");
    site.clock += 90 * DAY_MS - 60_000;
    const next = await askRenewal(site, fingerprint);
    site.clock += 120_000;
    // The old one has ended, the new one is still in its ten minutes.
    expect((await site.service.confirm(next.fingerprint)).state).toBe("active");
    expect(await site.service.identities.show("pump-7")).toMatchObject({ recoveries: 0 });
    site.clock += 90 * DAY_MS - 180_000;
    const late = await askRenewal(site, next.fingerprint);
    site.clock += DAY_MS;
    expect((await refusalOf(site.service.confirm(late.fingerprint))).code).toBe("ERR_ENROLMENT_CONFIRM");
    await renewed(site, next.fingerprint, { way: "recover", counter: 1 });
    expect(await site.service.identities.show("pump-7")).toMatchObject({ recoveries: 1, state: "active" });
  });
});
