import { createHash, randomBytes } from "node:crypto";
import { describe, expect, it } from "vitest";
import { publicKeyOfRequest } from "../certificate/request.ts";
import { enrol, operator, refusalOf } from "../testing/enrol.ts";
import { freshRequest, openSite } from "../testing/site.ts";
import type { ClaimedEnrolment, KeyOptions } from "../types.ts";
import { createKeyIssuer, formatKeyIssuer } from "./issuer-file.ts";
import { type OfflineKeyOptions, signOfflineKey } from "./offline-key.ts";

const device: KeyOptions = { kind: "device", roles: [] };

describe("the end of an identity", () => {
  it("ends the keys for its id and for its serial number alone, and the key it came by", async () => {
    await using site = await openSite();
    const { keys, identities } = site.service;
    const reusable = await keys.create({ ...device, uses: 3, approval: "manual" });
    const pending = await enrol(site, reusable.key, "meter", { serial: "S1" });
    expect(pending.state).toBe("pending");
    const bySerial = await keys.create({ ...device, serials: ["S1"] });
    const other = await keys.create({ ...device, serials: ["S2"] });
    await identities.revoke("meter");
    const state = async (id: string): Promise<unknown> => {
      const { state: now, reason } = await keys.show(id);
      return [now, reason];
    };
    expect(await state(reusable.id)).toEqual(["revoked", "identity-ended"]);
    expect(await state(bySerial.id)).toEqual(["revoked", "identity-ended"]);
    expect(await state(other.id)).toEqual(["open", null]);
    const ended = site.events.filter(({ event }) => event === "key-revoked");
    expect(ended.map(({ key, id, reason }) => [key, id, reason]).sort()).toEqual(
      [reusable.id, bySerial.id].sort().map((key) => [key, "meter", "identity-ended"]),
    );
  });

  it("strikes its serial number from a key that serves others", async () => {
    await using site = await openSite();
    const { keys, identities } = site.service;
    const shared = await keys.create({ ...device, uses: 2, serials: ["S1", "S2"] });
    const first = (await enrol(site, shared.key, "one", { serial: "S1" })) as ClaimedEnrolment;
    await site.service.confirm(first.fingerprint);
    await identities.retire("one");
    expect((await refusalOf(enrol(site, shared.key, "one", { serial: "S1" }))).code).toBe("ERR_ENROLMENT_REFUSED");
    expect(site.events.at(-1)).toMatchObject({ event: "refused", reason: "revoked", key: shared.id });
    expect(await keys.show(shared.id)).toMatchObject({ state: "open", serials: ["S2"] });
    expect((await enrol(site, shared.key, "two", { serial: "S2" })).state).toBe("claimed");
    expect(site.events.filter(({ event }) => event === "key-serial-struck")).toMatchObject([
      { key: shared.id, id: "one", detail: { serial: "S1" } },
    ]);
  });

  it("ends what has expired, too: a clock can go back", async () => {
    await using site = await openSite();
    const { id } = await site.service.keys.create({ ...device, serials: ["S1"] });
    const { key } = await site.service.keys.create(device);
    const { fingerprint } = (await enrol(site, key, "meter", { serial: "S1" })) as ClaimedEnrolment;
    await site.service.confirm(fingerprint);
    site.clock += 2 * 86_400_000;
    await site.service.identities.retire("meter");
    expect(await site.service.keys.show(id)).toMatchObject({ state: "revoked", reason: "identity-ended" });
  });

  it("ends a used-up key for several, of which others could give a use back", async () => {
    await using site = await openSite();
    const { keys, identities } = site.service;
    const { id, key } = await keys.create({ ...device, uses: 2, approval: "manual" });
    await enrol(site, key, "one");
    await enrol(site, key, "two");
    await identities.revoke("one");
    site.clock += 8 * 86_400_000;
    await site.service.expireWaiting();
    expect(await keys.show(id)).toMatchObject({ state: "revoked", used: 1 });
  });

  it("ends it for batches, offline keys that nobody has shown, and the device's own key pair", async () => {
    await using site = await openSite();
    const { keys, identities } = site.service;
    await keys.batches.create("meters", { kind: "device", roles: [] });
    const [derived] = await keys.batches.derive("meters", ["S1"]);
    const issuer = createKeyIssuer("laptop");
    await keys.issuers.trust({ file: formatKeyIssuer(issuer), kinds: ["device"], roles: [] });
    const sign = (of: Partial<OfflineKeyOptions>): string =>
      signOfflineKey(
        issuer,
        { kind: "device", roles: [], pin: site.service.pin, ...of },
        { now: new Date(site.clock), random: randomBytes },
      ).key;
    const signed = [sign({ serials: ["S1"] }), sign({ identity: "meter" })];
    const other = sign({ identity: "pump" });
    const csr = await freshRequest();
    const publicKey = createHash("sha256")
      .update(publicKeyOfRequest(csr).export({ type: "spki", format: "der" }))
      .digest("hex");
    await keys.import([{ line: 1, publicKey }], device);
    const { key } = await keys.create(device);
    const { fingerprint } = (await enrol(site, key, "meter", { serial: "S1", csr })) as ClaimedEnrolment;
    await site.service.confirm(fingerprint);
    site.clock += 5000;
    await identities.retire("meter");
    for (const left of [derived!.key, ...signed, ""]) {
      const again = enrol(site, left, "meter", { serial: "S1", ...(left === "" ? { csr } : {}) });
      expect((await refusalOf(again)).code).toBe("ERR_ENROLMENT_REFUSED");
      expect(site.events.at(-1)).toMatchObject({ event: "refused", reason: "revoked" });
    }
    expect((await enrol(site, other, "pump")).state).toBe("claimed");
    expect((await enrol(site, sign({ identity: "meter" }), "meter")).state).toBe("claimed");
  });

  it("of an id that nobody has used yet ends its key", async () => {
    await using site = await openSite();
    const { id } = await site.service.keys.create({ ...operator, identity: "hmi-2" });
    await site.service.identities.revoke("hmi-2");
    expect(await site.service.keys.show(id)).toMatchObject({ state: "revoked", reason: "identity-ended" });
    expect(await site.service.identities.show("hmi-2")).toMatchObject({ state: "revoked" });
  });
});
