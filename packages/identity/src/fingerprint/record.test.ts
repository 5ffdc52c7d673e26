import { describe, expect, it } from "vitest";
import { refusalOf } from "../testing/enrol.ts";
import { openSite, type TestSite } from "../testing/site.ts";
import type { DeviceFingerprint } from "../types.ts";

const meter: DeviceFingerprint = {
  objects: { 0: "Eastron", 1: "SDM630", 2: "1.4" },
  serverId: "0100",
  registers: { "holding 100 x 2": [1, 2] },
};
const other: DeviceFingerprint = { ...meter, objects: { 0: "Eastron", 1: "SDM120", 2: "1.4" } };

async function withMeter(): Promise<TestSite> {
  const site = await openSite();
  await site.service.identities.registerDevices([{ id: "meter", unit: 1, address: "modbus+tcp://10.0.0.11:502" }]);
  return site;
}

function eventsOf(site: TestSite): string[] {
  return site.events.map(({ event }) => event);
}

describe("the fingerprint of a device", () => {
  it("is what it is read with first: that stands in the registry, and the same again changes nothing", async () => {
    await using site = await withMeter();
    const { fingerprints, identities } = site.service;
    expect(await fingerprints.record("meter", meter, true)).toMatchObject({ kind: "first" });
    expect(await fingerprints.record("METER", meter, true)).toMatchObject({ kind: "same" });
    expect(await fingerprints.show("meter")).toMatchObject({ accepted: meter });
    expect(await identities.show("meter")).toMatchObject({ model: "SDM630", firmware: "1.4" });
    expect(eventsOf(site)).toEqual(["added", "fingerprinted"]);
  });

  it("that differs is drift: told once, also after a restart, and over when the device is what it was", async () => {
    await using site = await withMeter();
    await site.service.fingerprints.record("meter", meter, false);
    const drift = await site.service.fingerprints.record("meter", other, false);
    expect(drift).toEqual({ kind: "drift", changes: ['ProductCode was "SDM630", is "SDM120"'] });
    await site.restart();
    const { fingerprints, identities } = site.service;
    expect(await fingerprints.record("meter", other, false)).toMatchObject({ kind: "known-drift" });
    expect(await fingerprints.show("meter")).toMatchObject({ drifted: { seen: other } });
    expect(await fingerprints.record("meter", meter, false)).toMatchObject({ kind: "same" });
    expect(await fingerprints.record("meter", other, false)).toMatchObject({ kind: "drift" });
    expect(await identities.show("meter")).toMatchObject({ state: "active" });
    expect(eventsOf(site)).toEqual(["added", "fingerprinted", "drifted", "drifted"]);
  });

  it("bars the device where the site says so, until what it is now is accepted", async () => {
    await using site = await withMeter();
    const { fingerprints, identities } = site.service;
    await fingerprints.record("meter", meter, true);
    expect((await refusalOf(fingerprints.accept("meter"))).code).toBe("ERR_IDENTITY_STATE");
    await fingerprints.record("meter", other, true);
    expect(await identities.show("meter")).toMatchObject({ state: "suspended", reason: "drift" });
    expect(await fingerprints.accept("meter")).toMatchObject({ state: "active" });
    expect(await fingerprints.record("meter", other, true)).toMatchObject({ kind: "same" });
    expect(eventsOf(site).slice(2)).toEqual(["drifted", "suspended", "fingerprinted", "resumed"]);
  });

  it("is compared in what both readings asked for", async () => {
    await using site = await withMeter();
    const { fingerprints } = site.service;
    await fingerprints.record("meter", { objects: meter.objects! }, false);
    expect(await fingerprints.record("meter", meter, false)).toMatchObject({ kind: "same" });
    expect(await fingerprints.show("meter")).toMatchObject({ accepted: meter });
    const changed = { ...meter, objects: null, registers: { "holding 100 x 2": [1, 3] } };
    expect((await fingerprints.record("meter", changed, false)).changes).toHaveLength(2);
    expect((await refusalOf(fingerprints.record("nobody", meter, false))).code).toBe("ERR_IDENTITY_UNKNOWN");
    await site.service.identities.add({ id: "hmi", kind: "client", role: null });
    expect((await refusalOf(fingerprints.show("hmi"))).code).toBe("ERR_IDENTITY_STATE");
  });

  it("begins anew with a device that was retired and is listed again", async () => {
    await using site = await withMeter();
    await site.service.fingerprints.record("meter", meter, true);
    await site.service.identities.retire("meter");
    site.clock += 1_000;
    await site.service.identities.registerDevices([{ id: "meter", unit: 1, address: "modbus+tcp://10.0.0.11:502" }]);
    expect(await site.service.fingerprints.record("meter", other, true)).toMatchObject({ kind: "first" });
  });
});
