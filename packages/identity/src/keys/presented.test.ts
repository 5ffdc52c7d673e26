import { randomBytes } from "node:crypto";
import { describe, expect, it } from "vitest";
import { handleEnrolment } from "../endpoint/handle.ts";
import type { EndpointResponse } from "../endpoint/route.ts";
import { enrol, enrolled, operator, refusalOf, UNKNOWN, wrongSecret } from "../testing/enrol.ts";
import { openSite, type TestSite } from "../testing/site.ts";
import type { ClaimedEnrolment } from "../types.ts";
import { createKeyIssuer, formatKeyIssuer } from "./issuer-file.ts";
import { signOfflineKey } from "./offline-key.ts";

async function ask(site: TestSite, path: string, body: object): Promise<EndpointResponse> {
  return await handleEnrolment(site.service, { method: "POST", path, body: JSON.stringify(body), source: "10.0.0.9" });
}

const report = (site: TestSite, key: string, serial?: string): Promise<EndpointResponse> =>
  ask(site, "/v1/keys/report-leak", { key, ...(serial === undefined ? {} : { serial }) });
const authentic = async (site: TestSite, key: string, serial?: string): Promise<unknown> =>
  JSON.parse((await ask(site, "/v1/authentic", { key, ...(serial === undefined ? {} : { serial }) })).body) as unknown;

describe("a key that has leaked", () => {
  it("is revoked by whoever shows it whole, and the record names who came by it", async () => {
    await using site = await openSite();
    const { id, key } = await site.service.keys.create({ ...operator, uses: 3, approval: "manual" });
    await enrol(site, key, "hmi-1");
    const answer = await report(site, key);
    expect([answer.status, answer.body]).toEqual([202, '{"received":true}\n']);
    expect(await site.service.keys.show(id)).toMatchObject({ state: "revoked", reason: "leaked" });
    expect(site.events.at(-1)).toMatchObject({
      event: "key-leaked",
      key: id,
      source: "10.0.0.9",
      detail: { enrolled: 1, identities: "hmi-1" },
    });
    expect((await refusalOf(enrol(site, key, "hmi-2"))).code).toBe("ERR_ENROLMENT_REFUSED");
    expect((await report(site, key)).body).toBe(answer.body);
    expect(site.events.filter(({ event }) => event === "key-leaked")).toHaveLength(1);
  });

  it("is not revoked by its id or a wrong secret; the answer is the same, the source throttled", async () => {
    await using site = await openSite({ refusals: { burst: 3, perMinute: 1 } });
    const { id, key } = await site.service.keys.create(operator);
    const right = await report(site, (await site.service.keys.create(operator)).key);
    for (const wrong of [UNKNOWN, wrongSecret(key), "nothing"]) {
      const answer = await report(site, wrong);
      expect([answer.status, answer.body]).toEqual([right.status, right.body]);
    }
    expect((await report(site, key)).status).toBe(429);
    expect(await site.service.keys.show(id)).toMatchObject({ state: "open" });
    expect(site.events.at(-1)).toMatchObject({ event: "refused", reason: "throttled" });
  });

  it("takes only its own serial number out of a batch, and ends an offline key that was never used", async () => {
    await using site = await openSite();
    await site.service.keys.batches.create("meters", { kind: "device", roles: [] });
    const [one, two] = await site.service.keys.batches.derive("meters", ["S1", "S2"]);
    await report(site, one!.key, "S2");
    expect(site.events.at(-1)).toMatchObject({ event: "refused" });
    await report(site, one!.key, "S1");
    await refusalOf(enrol(site, one!.key, "meter-1", { serial: "S1" }));
    expect(site.events.at(-1)).toMatchObject({ event: "refused", reason: "revoked" });
    expect((await enrol(site, two!.key, "meter-2", { serial: "S2" })).state).toBe("claimed");

    const issuer = createKeyIssuer("laptop");
    await site.service.keys.issuers.trust({ file: formatKeyIssuer(issuer), kinds: ["client"], roles: [] });
    const at = { now: new Date(site.clock), random: randomBytes };
    const { key } = signOfflineKey(issuer, { kind: "client", roles: [], pin: site.service.pin }, at);
    await report(site, key);
    await refusalOf(enrol(site, key, "panel"));
    expect(site.events.at(-1)).toMatchObject({ event: "refused", reason: "revoked" });
  });
});

describe("whether a label is authentic", () => {
  it("is told with its claims to whoever has the whole key, used or not", async () => {
    await using site = await openSite();
    const options = { model: "PM5560", claims: { warranty: "2031" }, serials: ["S1"] };
    const { id, key } = await site.service.keys.create({ kind: "device", roles: [], ...options });
    const good = { authentic: true, key: id, kind: "device", model: "PM5560", claims: { warranty: "2031" } };
    expect(await authentic(site, key, "S1")).toEqual({ ...good, serial: "S1", used: false });
    await enrol(site, key, "meter", { serial: "S1" });
    site.clock += 7 * 86_400_000;
    expect(await authentic(site, key)).toEqual({ ...good, serial: null, used: true });
    expect(await site.service.keys.bySerial("S1")).toMatchObject([
      { identity: "meter", claims: { warranty: "2031" } },
      { identity: null, key: id, state: "bound" },
    ]);
  });

  it("is no for what is unknown, wrong, bound to another serial number or revoked, and nothing else is said", async () => {
    await using site = await openSite();
    const { id, key } = await site.service.keys.create({ kind: "device", roles: [], serials: ["S1"] });
    const no = { authentic: false, correlation: expect.any(String) as unknown };
    for (const [shown, serial] of [[UNKNOWN], [wrongSecret(key), "S1"], [key, "S2"]] as const) {
      expect(await authentic(site, shown, serial)).toEqual(no);
    }
    await site.service.keys.revoke(id);
    expect(await authentic(site, key, "S1")).toEqual(no);
    const issuer = createKeyIssuer("laptop");
    const { issuers } = site.service.keys;
    await issuers.trust({ file: formatKeyIssuer(issuer), kinds: ["client"], roles: [] });
    const at = { now: new Date(site.clock), random: randomBytes };
    const offline = signOfflineKey(issuer, { kind: "client", roles: [], pin: site.service.pin }, at).key;
    expect(await authentic(site, offline)).toMatchObject({ authentic: true });
    await issuers.revoke(issuer.id);
    expect(await authentic(site, offline)).toEqual(no);
    expect(site.events.filter(({ event }) => event === "refused").map(({ reason }) => reason)).toEqual([
      "unknown",
      "unknown",
      "serial",
      "revoked",
      "revoked",
    ]);
  });
});

describe("ledgers of two registries", () => {
  it("find a key that was used in both, and suspend who came by it", async () => {
    await using here = await openSite();
    await using there = await openSite();
    const issuer = createKeyIssuer("factory");
    for (const site of [here, there]) {
      const { issuers } = site.service.keys;
      await issuers.trust({ file: formatKeyIssuer(issuer), kinds: ["client"], roles: ["Operator"] });
    }
    const at = { now: new Date(here.clock), random: randomBytes };
    const sign = (pin: string): string => signOfflineKey(issuer, { kind: "client", roles: ["Operator"], pin }, at).key;
    // Two registries have two roots, so a key is for one of them; what its ledger says of the other's is a copy's doing.
    const own = sign(here.service.pin);
    const first = (await enrol(here, own, "hmi-1")) as ClaimedEnrolment;
    await here.service.confirm(first.fingerprint);
    const other = (await enrol(here, sign(here.service.pin), "hmi-2")) as ClaimedEnrolment;
    await here.service.confirm(other.fingerprint);
    await enrolled(here, "hmi-3");

    await enrol(there, sign(there.service.pin), "panel");
    const foreign = JSON.parse(await there.service.keys.ledger.export()) as { keys: { key: string }[] };
    const [used] = (JSON.parse(await here.service.keys.ledger.export()) as { keys: { key: string }[] }).keys.filter(
      ({ key }) => key === `${issuer.id}.${JSON.parse(Buffer.from(own.split(".")[1]!, "base64url").toString()).id}`,
    );
    foreign.keys.push({ ...used!, ...{ serials: [] } });
    const result = await here.service.keys.ledger.import(JSON.stringify(foreign));
    expect(result).toMatchObject({ keys: 2, conflicts: [{ key: used!.key, uses: 1, used: 2, suspended: ["hmi-1"] }] });
    expect(await here.service.identities.show("hmi-1")).toMatchObject({ state: "suspended", reason: "key-conflict" });
    expect(await here.service.identities.show("hmi-2")).toMatchObject({ state: "active" });
    expect(here.events.slice(-3)).toMatchObject([
      { kind: "identity", event: "suspended", id: "hmi-1", reason: "key-conflict" },
      { kind: "enrolment", event: "key-conflict", key: used!.key, detail: { used: 2, uses: 1 } },
      { event: "ledger-imported", detail: { conflicts: 1 } },
    ]);
  });

  it("refuse a key here that was used up there, and their own file", async () => {
    await using here = await openSite();
    const issuer = createKeyIssuer("factory");
    await here.service.keys.issuers.trust({ file: formatKeyIssuer(issuer), kinds: ["client"], roles: [] });
    const at = { now: new Date(here.clock), random: randomBytes };
    const options = { kind: "client", roles: [], pin: here.service.pin } as const;
    const { key, claims } = signOfflineKey(issuer, options, at);
    const keys = [{ key: `${issuer.id}.${claims.id}`, used: 1, serials: [] }];
    const file = { "modwarden-ledger": 1, origin: "00000000", exported: "2026-11-21T12:00:00Z", keys };
    expect(await here.service.keys.ledger.import(JSON.stringify(file))).toMatchObject({ conflicts: [] });
    await refusalOf(enrol(here, key, "hmi-1"));
    expect(here.events.at(-1)).toMatchObject({ event: "refused", reason: "used-up" });
    const own = await here.service.keys.ledger.export();
    expect((await refusalOf(here.service.keys.ledger.import(own))).code).toBe("ERR_KEY_FILE");
    expect((await refusalOf(here.service.keys.ledger.import("{}"))).code).toBe("ERR_KEY_FILE");
  });
});
