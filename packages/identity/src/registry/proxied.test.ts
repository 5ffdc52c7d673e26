import { describe, expect, it } from "vitest";
import { enrolled } from "../testing/enrol.ts";
import { openSite } from "../testing/site.ts";

const meter = { id: "meter", unit: 1, address: "modbus+tcp://10.0.0.11:502" };
const drive = { id: "drive", unit: 3, address: "modbus+tcp://10.0.0.12:502" };

describe("devices that the site lists", () => {
  it("are registered once with unit and address, and moved where the list says otherwise", async () => {
    await using site = await openSite();
    const { identities } = site.service;
    expect(await identities.registerDevices([meter, drive])).toEqual([]);
    expect(await identities.registerDevices([meter, drive])).toEqual([]);
    await identities.registerDevices([meter, { ...drive, unit: 4 }]);
    expect(site.service.subjectsSnapshot()).toMatchObject([
      { id: "drive", kind: "device", state: "active", unit: 4 },
      { id: "meter", kind: "device", state: "active", unit: 1 },
    ]);
    expect(site.events.map(({ event, id, detail }) => ({ event, id, detail }))).toEqual([
      { event: "added", id: "meter", detail: { unit: 1, address: meter.address } },
      { event: "added", id: "drive", detail: { unit: 3, address: drive.address } },
      { event: "moved", id: "drive", detail: { unit: 4, address: drive.address } },
    ]);
  });

  it("stay suspended or revoked, and are new after they were retired", async () => {
    await using site = await openSite();
    const { identities } = site.service;
    await identities.registerDevices([meter, drive]);
    await identities.suspend("meter");
    await identities.revoke("drive");
    await identities.registerDevices([meter, drive]);
    expect(site.service.subjectsSnapshot()).toMatchObject([{ state: "revoked" }, { state: "suspended" }]);
    await identities.retire("drive");
    await identities.registerDevices([meter, drive]);
    expect(site.service.subjectsSnapshot()).toMatchObject([{ state: "active" }, { state: "suspended" }]);
  });

  it("that have enrolled themselves stay as they are; an id of something else is named", async () => {
    await using site = await openSite();
    await enrolled(site, "meter", { kind: "device", roles: [], names: ["meter.example"] });
    await enrolled(site, "drive");
    const events = site.events.length;
    expect(await site.service.identities.registerDevices([meter, drive])).toEqual([{ id: "drive", kind: "client" }]);
    expect(site.events).toHaveLength(events);
    expect((await site.service.identities.show("meter")).fingerprint).not.toBeNull();
  });
});
