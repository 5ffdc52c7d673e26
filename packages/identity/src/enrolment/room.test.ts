import { describe, expect, it } from "vitest";
import { claimed, enrol, refusalOf } from "../testing/enrol.ts";
import { facts } from "../testing/facts.ts";
import { openSite, type TestSite } from "../testing/site.ts";
import type { KeyOptions } from "../types.ts";

const address = "modbus+tls://10.0.0.11:802";
const listed = facts({ reach: () => [{ device: "meter", unit: 1, listeners: ["a"], bus: "10.0.0.11:802" }] });
const device: KeyOptions = { kind: "device", roles: [] };

/** A site whose file lists the meter, which the gateway speaks for. */
async function siteWithMeter(): Promise<TestSite> {
  const site = await openSite({ site: listed });
  await site.service.identities.registerDevices([{ id: "meter", unit: 1, address }]);
  return site;
}

describe("a device that the site lists", () => {
  it("enrols itself with a key that was made for its id, and with no other", async () => {
    await using site = await siteWithMeter();
    const any = await site.service.keys.create(device);
    expect((await refusalOf(enrol(site, any.key, "meter"))).code).toBe("ERR_ENROLMENT_TAKEN");
    const own = await site.service.keys.create({ ...device, identity: "meter" });
    expect(await site.service.identities.show("meter")).toMatchObject({ state: "active", method: "proxied" });
    const { fingerprint } = claimed(await enrol(site, own.key, "meter"));
    await site.service.confirm(fingerprint);
    expect(await site.service.identities.show("meter")).toMatchObject({
      state: "active",
      method: "api",
      unit: 1,
      fingerprint,
    });
    await site.service.identities.registerDevices([{ id: "meter", unit: 1, address }]);
    expect(await site.service.identities.show("meter")).toMatchObject({ method: "api", fingerprint });
  });

  it("is the gateway's again when its enrolment is not confirmed", async () => {
    await using site = await siteWithMeter();
    const own = await site.service.keys.create({ ...device, identity: "meter" });
    await enrol(site, own.key, "meter");
    site.clock += 600_000;
    expect(await site.service.expireUnconfirmed()).toEqual(["meter"]);
    expect(await site.service.identities.show("meter")).toMatchObject({
      ...{ state: "active", method: "proxied", unit: 1, fingerprint: null },
    });
    expect(site.service.subjectsSnapshot()).toMatchObject([{ id: "meter", state: "active" }]);
    expect((await enrol(site, own.key, "meter")).state).toBe("claimed");
  });
});
