import { X509Certificate } from "node:crypto";
import { roleOf } from "@modwarden/modbus";
import { describe, expect, it } from "vitest";
import { splitPem } from "../certificate/pem.ts";
import { IdentityError } from "../errors.ts";
import { enrol, enrolled, operator, refusalOf, SOURCE, UNKNOWN, wrongSecret } from "../testing/enrol.ts";
import { openSite } from "../testing/site.ts";
import type { ClaimedEnrolment, KeyOptions } from "../types.ts";

const HOUR = 3_600_000;

describe("enrolment", () => {
  it("turns a key and a request into a certificate that says what the registry says", async () => {
    await using site = await openSite();
    const { key } = await site.service.keys.create(operator);
    const result = await enrol(site, key, "hmi-2");
    expect(result).toMatchObject({ id: "hmi-2", role: "Operator", state: "claimed", anchors: [site.service.root] });
    const [leaf, issuing, root] = splitPem((result as ClaimedEnrolment).chain).map((pem) => new X509Certificate(pem));
    expect(roleOf(leaf!.raw)).toEqual({ role: "Operator" });
    expect(leaf!.subject).toBe("CN=hmi-2");
    expect(leaf!.verify(issuing!.publicKey) && issuing!.verify(root!.publicKey)).toBe(true);
  });

  it("is active only once confirmed", async () => {
    await using site = await openSite();
    const { key } = await site.service.keys.create(operator);
    const result = (await enrol(site, key, "hmi-2")) as ClaimedEnrolment;
    expect(site.service.subjectsSnapshot()).toMatchObject([{ id: "hmi-2", state: "claimed" }]);
    const confirmed = await site.service.confirm(result.fingerprint);
    expect(confirmed).toMatchObject({ id: "hmi-2", state: "active", fingerprint: result.fingerprint });
    expect(site.service.subjectsSnapshot()).toEqual([
      {
        id: "hmi-2",
        kind: "client",
        role: "Operator",
        state: "active",
        fingerprint: result.fingerprint,
        expires: Date.parse(result.expires),
      },
    ]);
    expect(await site.service.confirm(result.fingerprint)).toEqual(confirmed);
    expect(structuredClone(site.service.subjectsSnapshot())).toEqual(site.service.subjectsSnapshot());
    expect((await refusalOf(site.service.confirm("0".repeat(64)))).code).toBe("ERR_ENROLMENT_CONFIRM");
  });

  it("revokes what is not confirmed in ten minutes, frees the name and gives the use back", async () => {
    await using site = await openSite();
    const { key, id } = await site.service.keys.create(operator);
    const first = (await enrol(site, key, "hmi-2")) as ClaimedEnrolment;
    site.clock += 600_000;
    expect((await refusalOf(site.service.confirm(first.fingerprint))).code).toBe("ERR_ENROLMENT_CONFIRM");
    expect(await site.service.keys.list()).toMatchObject([{ id, used: 0, state: "open" }]);
    expect(await site.service.identities.show("hmi-2")).toMatchObject({ state: "revoked", reason: "unconfirmed" });
    const second = (await enrol(site, key, "hmi-2")) as ClaimedEnrolment;
    await site.service.confirm(second.fingerprint);
    expect((await refusalOf(site.service.confirm(first.fingerprint))).code).toBe("ERR_ENROLMENT_CONFIRM");
    expect(site.events.map((event) => event.event)).toContain("unconfirmed");
  });

  it("answers unknown, wrong, malformed, expired, used-up and revoked keys the same, and tells audit which", async () => {
    await using site = await openSite();
    const wrong = (await site.service.keys.create(operator)).key;
    const used = (await site.service.keys.create(operator)).key;
    await site.service.confirm(((await enrol(site, used, "first")) as ClaimedEnrolment).fingerprint);
    const revoked = await site.service.keys.create(operator);
    await site.service.keys.revoke(revoked.id);
    const expired = (await site.service.keys.create({ ...operator, expiresInMs: HOUR / 2 })).key;
    const bound = (await site.service.keys.create({ ...operator, serials: ["S1"] })).key;
    const local = (await site.service.keys.create({ ...operator, sources: ["192.168.0.0/16"] })).key;
    site.clock += HOUR / 2;
    site.events.length = 0;
    const cases: readonly (readonly [string, string])[] = [
      ["unknown", UNKNOWN],
      ["wrong-secret", wrongSecret(wrong)],
      ["malformed", "mwk1_nonsense"],
      ["expired", expired],
      ["used-up", used],
      ["revoked", revoked.key],
      ["serial", bound],
      ["source", local],
    ];
    const refusals = [];
    for (const [, key] of cases) refusals.push(await refusalOf(enrol(site, key, "second")));
    expect(new Set(refusals.map((refusal) => `${refusal.code} ${refusal.message}`)).size).toBe(1);
    expect(refusals[0]?.code).toBe("ERR_ENROLMENT_REFUSED");
    const recorded = site.events.filter((event) => event.event === "refused");
    expect(recorded.map((event) => event.reason)).toEqual(cases.map(([reason]) => reason));
    expect(recorded.map((event) => event.correlation)).toEqual(refusals.map((refusal) => refusal.correlation));
    expect(new Set(recorded.map((event) => event.correlation)).size).toBe(cases.length);
    expect(recorded.every((event) => event.source === SOURCE)).toBe(true);
    expect((await enrol(site, wrong, "third")).state).toBe("claimed");
  });

  it("lets exactly one of fifty use a key for one use", async () => {
    await using site = await openSite({ refusals: { burst: 100 } });
    const { key, id } = await site.service.keys.create(operator);
    const results = await Promise.allSettled(
      Array.from({ length: 50 }, (_, index) => enrol(site, key, `hmi-${index}`)),
    );
    expect(results.filter((result) => result.status === "fulfilled")).toHaveLength(1);
    const codes = results.flatMap((result) =>
      result.status === "rejected" && result.reason instanceof IdentityError ? [result.reason.code] : [],
    );
    expect(codes).toEqual(Array(49).fill("ERR_ENROLMENT_REFUSED"));
    expect(await site.service.keys.list()).toMatchObject([{ id, used: 1, state: "used-up" }]);
    expect(await site.service.identities.list()).toHaveLength(1);
  });

  it("throttles a source that is refused too often, not the key and not another source", async () => {
    await using site = await openSite({ refusals: { burst: 3, perMinute: 1 } });
    const { key } = await site.service.keys.create(operator);
    for (let count = 0; count < 3; count += 1) {
      expect((await refusalOf(enrol(site, wrongSecret(key), "x"))).code).toBe("ERR_ENROLMENT_REFUSED");
    }
    const throttled = await refusalOf(enrol(site, key, "hmi-2"));
    expect(throttled.code).toBe("ERR_ENROLMENT_THROTTLED");
    await refusalOf(enrol(site, key, "hmi-2"));
    expect(site.events.filter((event) => event.reason === "throttled")).toHaveLength(1);
    expect((await enrol(site, key, "hmi-2", { source: "10.0.0.6" })).state).toBe("claimed");
    site.clock += 60_000;
    expect((await refusalOf(enrol(site, key, "hmi-3"))).code).toBe("ERR_ENROLMENT_REFUSED");
  });

  it("throttles whoever asks wrongly with a good key for ever, like anybody who fills the log", async () => {
    await using site = await openSite({ refusals: { burst: 3, perMinute: 1 } });
    const { key } = await site.service.keys.create(operator);
    const asked = async (): Promise<unknown> => (await refusalOf(enrol(site, key, "no name"))).code;
    for (let count = 0; count < 3; count += 1) expect(await asked()).toBe("ERR_ENROLMENT_REQUEST");
    for (let count = 0; count < 9; count += 1) expect(await asked()).toBe("ERR_ENROLMENT_THROTTLED");
    expect(site.events.filter(({ event }) => event === "refused")).toHaveLength(4);
    site.clock += 60_000;
    expect((await enrol(site, key, "hmi-2")).state).toBe("claimed");
  });

  it("refuses a taken name without using the key, and never a name that differs by case only", async () => {
    await using site = await openSite();
    await enrolled(site, "hmi-2");
    const { key } = await site.service.keys.create(operator);
    const refusal = await refusalOf(enrol(site, key, "HMI-2"));
    expect(refusal.code).toBe("ERR_ENROLMENT_TAKEN");
    expect(site.events.at(-1)).toMatchObject({
      event: "refused",
      reason: "taken",
      correlation: refusal.correlation,
    });
    await site.service.identities.revoke("hmi-2");
    expect((await refusalOf(enrol(site, key, "hmi-2"))).code).toBe("ERR_ENROLMENT_TAKEN");
    await site.service.identities.retire("hmi-2");
    expect((await enrol(site, key, "hmi-2")).state).toBe("claimed");
  });

  it("says nothing about names to a key that is not good", async () => {
    await using site = await openSite();
    await enrolled(site, "hmi-2");
    expect((await refusalOf(enrol(site, UNKNOWN, "hmi-2"))).code).toBe("ERR_ENROLMENT_REFUSED");
    expect((await refusalOf(enrol(site, UNKNOWN, "not a name"))).code).toBe("ERR_ENROLMENT_REFUSED");
  });

  it("keeps to the ceiling of roles", async () => {
    await using site = await openSite();
    const { key } = await site.service.keys.create({ kind: "client", roles: ["Viewer", "Operator"] });
    expect((await refusalOf(enrol(site, key, "a"))).code).toBe("ERR_ENROLMENT_ROLE");
    expect((await refusalOf(enrol(site, key, "a", { role: "Engineer" }))).code).toBe("ERR_ENROLMENT_ROLE");
    expect(await enrol(site, key, "a", { role: "Viewer" })).toMatchObject({ role: "Viewer" });
    const none = await site.service.keys.create({ kind: "client", roles: [] });
    expect((await refusalOf(enrol(site, none.key, "b", { role: "Viewer" }))).code).toBe("ERR_ENROLMENT_ROLE");
    const nobody = (await enrol(site, none.key, "b")) as ClaimedEnrolment;
    expect(nobody.role).toBe(null);
    expect(roleOf(new X509Certificate(nobody.chain).raw)).toEqual({ role: null, reason: "role-missing" });
  });

  it("enrols each bound serial number once", async () => {
    await using site = await openSite();
    const { key } = await site.service.keys.create({ kind: "device", roles: [], uses: 2, serials: ["S1", "S2"] });
    await enrol(site, key, "one", { serial: "S1" });
    expect((await refusalOf(enrol(site, key, "two", { serial: "S1" }))).code).toBe("ERR_ENROLMENT_TAKEN");
    expect((await refusalOf(enrol(site, key, "two", { serial: "S3" }))).code).toBe("ERR_ENROLMENT_REFUSED");
    await enrol(site, key, "two", { serial: "S2" });
    expect(await site.service.identities.list()).toMatchObject([{ serial: "S1" }, { serial: "S2" }]);
  });

  it("takes no serial number that would act on a terminal", async () => {
    await using site = await openSite();
    const { key } = await site.service.keys.create({ kind: "device", roles: [] });
    for (const serial of ["\u001b[2J", "S1\n", "\u009b1m", "\ud800"]) {
      expect((await refusalOf(enrol(site, key, "one", { serial }))).code).toBe("ERR_ENROLMENT_REQUEST");
      const bound = site.service.keys.create({ kind: "device", roles: [], serials: [serial] });
      expect((await refusalOf(bound)).code).toBe("ERR_KEY_OPTIONS");
    }
    await enrol(site, key, "one", { serial: "Prüfgerät № 7" });
  });

  it("waits for a person when the key says so", async () => {
    await using site = await openSite();
    const { key } = await site.service.keys.create({ ...operator, uses: 3, approval: "manual" });
    const pending = await enrol(site, key, "hmi-2");
    if (pending.state !== "pending") throw new Error("expected a pending enrolment");
    const ask = { id: "hmi-2", claim: pending.claim, source: SOURCE };
    expect((await site.service.claim(ask)).state).toBe("pending");
    expect((await refusalOf(site.service.claim({ ...ask, claim: "x" }))).code).toBe("ERR_ENROLMENT_REFUSED");
    expect((await refusalOf(site.service.claim({ ...ask, id: "nobody" }))).code).toBe("ERR_ENROLMENT_REFUSED");
    site.clock += 24 * HOUR;
    expect((await site.service.identities.approve("hmi-2")).state).toBe("approved");
    const [one, two] = await Promise.all([site.service.claim(ask), site.service.claim(ask)]);
    if (one.state !== "claimed") throw new Error("expected a certificate");
    expect(two).toMatchObject({ chain: one.chain, fingerprint: one.fingerprint });
    await site.service.confirm(one.fingerprint);
    expect((await refusalOf(site.service.claim(ask))).code).toBe("ERR_ENROLMENT_REFUSED");
    expect(site.service.subjectsSnapshot()).toMatchObject([{ id: "hmi-2", state: "active" }]);
  });

  it("refuses reusable keys that anybody could use, and other impossible options", async () => {
    await using site = await openSite();
    const code = async (options: Partial<KeyOptions>): Promise<string> =>
      (await refusalOf(site.service.keys.create({ ...operator, ...options }))).code;
    expect(await code({ uses: 2 })).toBe("ERR_KEY_REUSABLE");
    expect(await code({ uses: 0 })).toBe("ERR_KEY_OPTIONS");
    expect(await code({ uses: 1.5 })).toBe("ERR_KEY_OPTIONS");
    expect(await code({ expiresInMs: 0 })).toBe("ERR_KEY_OPTIONS");
    expect(await code({ names: ["gw1"] })).toBe("ERR_KEY_OPTIONS");
    expect(await code({ serials: [""] })).toBe("ERR_KEY_OPTIONS");
    expect(await code({ roles: [""] })).toBe("ERR_IDENTITY_INVALID");
    expect(await code({ roles: ["a\nb"] })).toBe("ERR_IDENTITY_INVALID");
    expect(await code({ sources: ["10.0.0.0/33"] })).toBe("ERR_IDENTITY_INVALID");
    expect((await refusalOf(site.service.keys.revoke("00000000"))).code).toBe("ERR_KEY_UNKNOWN");
    expect(await site.service.keys.list()).toEqual([]);
  });
});
