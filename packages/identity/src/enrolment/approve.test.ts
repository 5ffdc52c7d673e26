import { describe, expect, it } from "vitest";
import { claimed, enrol, enrolled, refusalOf, SOURCE } from "../testing/enrol.ts";
import { facts } from "../testing/facts.ts";
import { freshRequest, openSite, type TestSite } from "../testing/site.ts";
import type { Approver, KeyOptions, PendingEnrolment } from "../types.ts";

const DAY = 86_400_000;
const manual: KeyOptions = { kind: "client", roles: ["Operator"], approval: "manual" };
const two: KeyOptions = { ...manual, approval: "two" };
const site2 = facts({ approvers: ["Engineer"] });

async function waiting(site: TestSite, name: string, options: KeyOptions): Promise<PendingEnrolment> {
  const { key } = await site.service.keys.create(options);
  const result = await enrol(site, key, name);
  if (result.state !== "pending") throw new Error(`expected to wait, got ${result.state}`);
  return result;
}

async function engineer(site: TestSite, name: string): Promise<Approver> {
  const { fingerprint } = await enrolled(site, name, { kind: "client", roles: ["Engineer"] });
  return { presented: fingerprint, source: SOURCE };
}

describe("approval by two people", () => {
  it("takes two identities of their own, and says who in the record", async () => {
    await using site = await openSite({ site: site2 });
    const [ada, ben] = [await engineer(site, "ada"), await engineer(site, "ben")];
    const { claim } = await waiting(site, "hmi", two);
    expect((await site.service.identities.approve("hmi", ada)).state).toBe("pending");
    expect((await refusalOf(site.service.identities.approve("hmi", ada))).code).toBe("ERR_IDENTITY_APPROVAL");
    expect((await refusalOf(site.service.identities.approve("hmi"))).code).toBe("ERR_IDENTITY_APPROVAL");
    expect((await site.service.claim({ id: "hmi", claim, source: SOURCE })).state).toBe("pending");
    expect((await site.service.identities.approve("hmi", ben)).state).toBe("approved");
    const told = site.events.filter(({ id, kind }) => id === "hmi" && kind === "identity");
    expect(told.map(({ event, by }) => [event, by])).toEqual([
      ["approval", "ada"],
      ["approval", "ben"],
      ["approved", "ben"],
    ]);
    const { approvals } = await site.service.identities.show("hmi");
    expect(approvals.map(({ by }) => by)).toEqual(["ada", "ben"]);
    expect((await site.service.claim({ id: "hmi", claim, source: SOURCE })).state).toBe("claimed");
  });

  it("does not count somebody who was shut out since", async () => {
    await using site = await openSite({ site: site2 });
    const [ada, ben] = [await engineer(site, "ada"), await engineer(site, "ben")];
    await waiting(site, "hmi", two);
    await site.service.identities.approve("hmi", ada);
    await site.service.identities.suspend("ada");
    expect((await site.service.identities.approve("hmi", ben)).state).toBe("pending");
  });

  it("is not by somebody whose certificate has ended, nor is an enrolment on behalf of a device", async () => {
    await using site = await openSite({ site: site2 });
    const ada = await engineer(site, "ada");
    site.clock += 91 * DAY;
    await waiting(site, "hmi", two);
    expect((await refusalOf(site.service.identities.approve("hmi", ada))).code).toBe("ERR_ENROLMENT_APPROVER");
    const { key } = await site.service.keys.create(manual);
    const asked = enrol(site, key, "pump", { presented: ada.presented });
    expect((await refusalOf(asked)).code).toBe("ERR_ENROLMENT_INSTALLER");
  });

  it("counts nobody twice who was registered anew, under the same id or in other letters", async () => {
    await using site = await openSite({ site: site2 });
    const ada = await engineer(site, "ada");
    await waiting(site, "hmi", two);
    await site.service.identities.approve("hmi", ada);
    for (const id of ["Ada", "ada"]) {
      site.clock += 1000;
      await site.service.identities.retire("ada");
      const again = await engineer(site, id);
      expect((await site.service.identities.approve("hmi", again)).state).toBe("pending");
    }
    const ben = await engineer(site, "ben");
    expect((await site.service.identities.approve("hmi", ben)).state).toBe("approved");
  });

  it("is not for roles that may not approve, strangers, or a site that names no approvers", async () => {
    await using site = await openSite({ site: site2 });
    const { fingerprint } = await enrolled(site, "op");
    await waiting(site, "hmi", two);
    for (const presented of [fingerprint, "0".repeat(64)]) {
      const refusal = await refusalOf(site.service.identities.approve("hmi", { presented, source: SOURCE }));
      expect(refusal.code).toBe("ERR_ENROLMENT_APPROVER");
      expect(site.events.at(-1)).toMatchObject({ reason: "approver", correlation: refusal.correlation });
    }
    await using none = await openSite();
    expect((await refusalOf(none.service.keys.create(two))).code).toBe("ERR_KEY_OPTIONS");
  });

  it("is not by whoever has asked", async () => {
    await using site = await openSite({ site: site2 });
    const [ada, ben] = [await engineer(site, "ada"), await engineer(site, "ben")];
    const { key } = await site.service.keys.create(two);
    await enrol(site, key, "pump", { presented: ada.presented });
    expect((await refusalOf(site.service.identities.approve("pump", ada))).code).toBe("ERR_IDENTITY_APPROVAL");
    await site.service.identities.retire("ada");
    const other = await engineer(site, "ADA");
    expect((await refusalOf(site.service.identities.approve("pump", other))).code).toBe("ERR_IDENTITY_APPROVAL");
    expect((await site.service.identities.approve("pump", ben)).state).toBe("pending");
  });
});

describe("what waits for approval", () => {
  it("ends after seven days, and its key's use is given back", async () => {
    await using site = await openSite();
    await waiting(site, "hmi", { ...manual, expiresInMs: 30 * DAY });
    site.clock += 7 * DAY - 1;
    expect(await site.service.expireWaiting()).toEqual([]);
    site.clock += 1;
    expect(await site.service.expireWaiting()).toEqual(["hmi"]);
    expect(await site.service.keys.list()).toMatchObject([{ used: 0, state: "open" }]);
    expect((await refusalOf(site.service.identities.approve("hmi"))).code).toBe("ERR_IDENTITY_STATE");
    expect(site.events.at(-1)).toMatchObject({ event: "lapsed", id: "hmi" });
    expect(await site.service.identities.show("hmi")).toMatchObject({ state: "revoked", reason: "lapsed" });
  });

  it("ends as well when its device does not fetch it in seven more days", async () => {
    await using site = await openSite();
    const { claim } = await waiting(site, "hmi", { ...manual, expiresInMs: 30 * DAY });
    site.clock += 6 * DAY;
    await site.service.identities.approve("hmi");
    site.clock += 7 * DAY - 1;
    expect(await site.service.expireWaiting()).toEqual([]);
    site.clock += 1;
    expect(await site.service.expireWaiting()).toEqual(["hmi"]);
    expect(await site.service.keys.list()).toMatchObject([{ used: 0, state: "open" }]);
    const late = site.service.claim({ id: "hmi", claim, source: SOURCE });
    expect((await refusalOf(late)).code).toBe("ERR_ENROLMENT_REFUSED");
  });

  it("can be denied: the id is free, the use is not given back", async () => {
    await using site = await openSite();
    const { claim } = await waiting(site, "hmi", manual);
    expect((await site.service.identities.deny("hmi")).state).toBe("revoked");
    expect(site.events.at(-1)).toMatchObject({ event: "denied", id: "hmi" });
    const asked = site.service.claim({ id: "hmi", claim, source: SOURCE });
    expect((await refusalOf(asked)).code).toBe("ERR_ENROLMENT_REFUSED");
    expect(await site.service.keys.list()).toMatchObject([{ used: 1, state: "used-up" }]);
    expect((await waiting(site, "hmi", manual)).state).toBe("pending");
  });

  it("can be asked for again by the same key pair and key, and comes to one certificate", async () => {
    await using site = await openSite();
    const { key } = await site.service.keys.create(manual);
    const csr = await freshRequest();
    const [one, again] = [await enrol(site, key, "hmi", { csr }), await enrol(site, key, "hmi", { csr })];
    expect([one.state, again.state]).toEqual(["pending", "pending"]);
    expect((await refusalOf(enrol(site, key, "hmi"))).code).toBe("ERR_ENROLMENT_REFUSED");
    await site.service.identities.approve("hmi");
    const { fingerprint } = claimed(await enrol(site, key, "hmi", { csr }));
    expect(claimed(await enrol(site, key, "hmi", { csr })).fingerprint).toBe(fingerprint);
    const { claim = "" } = again.state === "pending" ? again : {};
    expect(claimed(await site.service.claim({ id: "hmi", claim, source: SOURCE })).fingerprint).toBe(fingerprint);
    await site.service.confirm(fingerprint);
    expect((await refusalOf(enrol(site, key, "hmi", { csr }))).code).toBe("ERR_ENROLMENT_REFUSED");
  });
});
