import { describe, expect, it } from "vitest";
import { parseRegistrationKey } from "../registration-key.ts";
import { enrol, operator, refusalOf, SOURCE } from "../testing/enrol.ts";
import { facts } from "../testing/facts.ts";
import { freshRequest, openSite } from "../testing/site.ts";
import type { KeyOptions } from "../types.ts";

const device: KeyOptions = { kind: "device", roles: [] };

describe("the options of a key", () => {
  it("bind it to serial, model, unit, network and name, each with a reason of its own in the log", async () => {
    await using site = await openSite();
    const { key } = await site.service.keys.create({
      ...device,
      serials: ["S1"],
      model: "PM5560",
      unit: 7,
      sources: ["10.0.0.0/24"],
      identity: "meter-7",
    });
    const good = { key, csr: await freshRequest(), name: "meter-7", serial: "S1", source: SOURCE };
    const asked = [
      { ...good, serial: "S2" },
      { ...good, device: { model: "PM3250" } },
      { ...good, device: { unit: 8 } },
      { ...good, source: "192.168.0.1" },
      { ...good, name: "meter-8" },
    ];
    for (const request of asked)
      expect((await refusalOf(site.service.enrol(request))).code).toBe("ERR_ENROLMENT_REFUSED");
    const reasons = site.events.filter(({ event }) => event === "refused").map(({ reason }) => reason);
    expect(reasons).toEqual(["serial", "model", "unit", "source", "name"]);
    expect((await site.service.enrol({ ...good, name: "METER-7" })).state).toBe("claimed");
  });

  it("keep an id for a key from the moment it is made", async () => {
    await using site = await openSite();
    const { id, key } = await site.service.keys.create({ ...operator, identity: "hmi-2", note: "hall 2" });
    expect(await site.service.identities.list()).toMatchObject([{ id: "hmi-2", state: "issued" }]);
    expect(site.events.map(({ event }) => event)).toEqual(["key-created", "reserved"]);
    const other = await site.service.keys.create(operator);
    expect((await refusalOf(enrol(site, other.key, "hmi-2"))).code).toBe("ERR_ENROLMENT_TAKEN");
    expect((await refusalOf(site.service.keys.create({ ...operator, identity: "HMI-2" }))).code).toBe(
      "ERR_IDENTITY_TAKEN",
    );
    expect((await enrol(site, key, "hmi-2")).state).toBe("claimed");
    expect(await site.service.keys.show(id)).toMatchObject({
      name: "hmi-2",
      note: "hall 2",
      identities: [{ id: "hmi-2", state: "claimed" }],
    });
  });

  it("free the id when the key is revoked, and when it has ended unused", async () => {
    await using site = await openSite();
    const { id } = await site.service.keys.create({ ...operator, identity: "hmi-2" });
    await site.service.keys.revoke(id);
    expect(await site.service.identities.show("hmi-2")).toMatchObject({ state: "retired" });
    await site.service.keys.create({ ...operator, identity: "hmi-2" });
    site.clock += 86_400_000;
    const { key } = await site.service.keys.create(operator);
    expect((await enrol(site, key, "hmi-2")).state).toBe("claimed");
  });

  it("never let approval by two pass for none", async () => {
    await using site = await openSite({ site: facts({ approvers: ["Engineer"] }) });
    const { key } = await site.service.keys.create({ ...operator, uses: 2, approval: "two" });
    expect((await enrol(site, key, "hmi-2")).state).toBe("pending");
  });

  it("are refused where they contradict each other", async () => {
    await using site = await openSite();
    const code = async (options: Partial<KeyOptions>): Promise<string> =>
      (await refusalOf(site.service.keys.create({ ...device, ...options }))).code;
    expect(await code({ unit: 248 })).toBe("ERR_KEY_OPTIONS");
    expect(await code({ unit: 3, kind: "client" })).toBe("ERR_KEY_OPTIONS");
    expect(await code({ identity: "a", uses: 2, serials: ["1", "2"] })).toBe("ERR_KEY_OPTIONS");
    expect(await code({ identity: "not an id" })).toBe("ERR_IDENTITY_INVALID");
    expect(await code({ note: "\u001b[2J" })).toBe("ERR_KEY_OPTIONS");
  });

  it("are the same for many, each with a serial number of its own, all or none", async () => {
    await using site = await openSite();
    const made = await site.service.keys.createMany(device, { serials: ["S1", "S2", "S2", "S3"] });
    expect(made.map(({ serial }) => serial)).toEqual(["S1", "S2", "S3"]);
    expect(new Set(made.map(({ key }) => key)).size).toBe(3);
    expect((await refusalOf(enrol(site, made[0]!.key, "one", { serial: "S2" }))).code).toBe("ERR_ENROLMENT_REFUSED");
    await enrol(site, made[0]!.key, "one", { serial: "S1" });
    const bad = site.service.keys.createMany(device, { serials: ["S4", ""] });
    expect((await refusalOf(bad)).code).toBe("ERR_KEY_OPTIONS");
    expect((await refusalOf(site.service.keys.createMany(device, { count: 10_001 }))).code).toBe("ERR_KEY_OPTIONS");
    expect(await site.service.keys.count()).toBe(3);
    // One clock tick for all: the list has them as the file had them, and as many of the newest as were asked for.
    const many = await site.service.keys.createMany(device, { count: 20 });
    const listed = await site.service.keys.list({ limit: 20 });
    expect(listed.map(({ id }) => id)).toEqual(many.map(({ key }) => parseRegistrationKey(key).id));
  });
});
