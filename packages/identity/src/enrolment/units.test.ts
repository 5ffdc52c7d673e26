import { describe, expect, it } from "vitest";
import { claimed, enrol, refusalOf } from "../testing/enrol.ts";
import { facts } from "../testing/facts.ts";
import { openSite, type TestSite } from "../testing/site.ts";
import type { Reach } from "../types.ts";

const reach: readonly Reach[] = [
  { device: "meter", unit: 1, listeners: ["a"], bus: "10.0.0.11:502" },
  { device: "drive", unit: 3, listeners: ["a"], bus: "10.0.0.12:502" },
];

async function deviceKey(site: TestSite): Promise<string> {
  return (await site.service.keys.create({ kind: "device", roles: [] })).key;
}

async function unitOf(site: TestSite, id: string, unit?: number | "auto"): Promise<number | null> {
  const device = unit === undefined ? {} : { unit };
  await enrol(site, await deviceKey(site), id, { device });
  return (await site.service.identities.show(id)).unit;
}

describe("units", () => {
  it("are the lowest free one, the one that was asked for, or none", async () => {
    await using site = await openSite({ site: facts({ reach: () => reach }) });
    expect(await unitOf(site, "a", "auto")).toBe(2);
    expect(await unitOf(site, "b", "auto")).toBe(4);
    expect(await unitOf(site, "c", 17)).toBe(17);
    expect(await unitOf(site, "d")).toBe(null);
    expect(await unitOf(site, "e", 255)).toBe(255);
  });

  it("are one device's: a second one with the same unit is refused and uses nothing up", async () => {
    await using site = await openSite({ site: facts({ reach: () => reach }) });
    await unitOf(site, "a", 7);
    const key = await deviceKey(site);
    for (const unit of [7, 1, 3, 250, 0]) {
      const refusal = await refusalOf(enrol(site, key, "b", { device: { unit } }));
      expect([unit, refusal.code]).toEqual([unit, "ERR_ENROLMENT_UNIT"]);
      expect(site.events.at(-1)).toMatchObject({ event: "refused", reason: "unit", correlation: refusal.correlation });
    }
    expect((await enrol(site, key, "b", { device: { unit: 8 } })).state).toBe("claimed");
  });

  it("are free again when their device is gone, or never came to be", async () => {
    await using site = await openSite();
    const first = claimed(await enrol(site, await deviceKey(site), "a", { device: { unit: 1 } }));
    site.clock += 600_000;
    expect(await unitOf(site, "b", 1)).toBe(1);
    expect((await refusalOf(site.service.confirm(first.fingerprint))).code).toBe("ERR_ENROLMENT_CONFIRM");
    await site.service.identities.retire("b");
    expect(await unitOf(site, "c", "auto")).toBe(1);
  });

  it("of a device that the site lists is the one it is listed with", async () => {
    await using site = await openSite({ site: facts({ reach: () => reach }) });
    const key = await deviceKey(site);
    const other = await refusalOf(enrol(site, key, "METER", { device: { unit: 2 } }));
    expect(other.code).toBe("ERR_ENROLMENT_UNIT");
    await enrol(site, key, "meter");
    expect((await site.service.identities.show("meter")).unit).toBe(1);
  });

  it("are nothing for a client", async () => {
    await using site = await openSite();
    const { key } = await site.service.keys.create({ kind: "client", roles: ["Viewer"] });
    expect((await refusalOf(enrol(site, key, "a", { device: { unit: 1 } }))).code).toBe("ERR_ENROLMENT_UNIT");
  });

  it("run out", async () => {
    const all = Array.from({ length: 247 }, (_, at) => ({ device: `d${at}`, unit: at + 1, listeners: [], bus: "" }));
    await using site = await openSite({ site: facts({ reach: () => all }) });
    const refusal = await refusalOf(enrol(site, await deviceKey(site), "a", { device: { unit: "auto" } }));
    expect(refusal.code).toBe("ERR_ENROLMENT_UNIT");
  });
});
