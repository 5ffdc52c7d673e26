import { join } from "node:path";
import { closeDatabase, openDatabase } from "@modwarden/store";
import { type Kysely, sql } from "kysely";
import { describe, expect, it } from "vitest";
import type { RefusalReason } from "../events.ts";
import { parseRegistrationKey } from "../registration-key.ts";
import { migrations } from "../registry/migrations/index.ts";
import type { Registry } from "../registry/schema.ts";
import { enrol, enrolled, operator, refusalOf, UNKNOWN, wrongSecret } from "../testing/enrol.ts";
import { freshRequest, openSite, type TestSite } from "../testing/site.ts";
import type { KeyOptions, RefusalExplanation } from "../types.ts";
import { KEPT_REFUSALS, pruneRefusals } from "./retention.ts";
import { holdsKey } from "./said.ts";

async function keyFor(site: TestSite, options: Partial<KeyOptions> = {}): Promise<string> {
  return (await site.service.keys.create({ ...operator, ...options })).key;
}

async function why(site: TestSite, attempt: Promise<unknown>): Promise<RefusalExplanation> {
  const { correlation = "none" } = await refusalOf(attempt);
  return await site.service.refusals.why(correlation);
}

describe("why", () => {
  it("tells what the request said beside what its key wants, and the next step", async () => {
    await using site = await openSite();
    const bound = await keyFor(site, { serials: ["SN-1"] });
    expect(await why(site, enrol(site, bound, "panel", { serial: "SN-2" }))).toMatchObject({
      reason: "serial",
      name: "panel",
      key: parseRegistrationKey(bound).id,
      source: "10.0.0.5",
      said: { serial: "SN-2" },
      keyNow: { serials: ["SN-1"], state: "open", uses: 1, used: 0 },
      identityNow: null,
      what: expect.stringMatching(/SN-1.*SN-2/),
      page: "docs/refusals/serial.md",
    });
    const local = await keyFor(site, { sources: ["192.168.7.0/24"] });
    expect((await why(site, enrol(site, local, "panel"))).what).toMatch(/192\.168\.7\.0\/24.*10\.0\.0\.5/);
    const used = await keyFor(site);
    await enrolled(site, "other");
    await enrol(site, used, "panel");
    expect((await why(site, enrol(site, used, "panel-2"))).what).toMatch(/1 of 1.*panel/);
    const taken = await why(site, enrol(site, await keyFor(site), "other"));
    expect([taken.reason, taken.identityNow?.state]).toEqual(["taken", "active"]);
    const above = await why(site, enrol(site, await keyFor(site), "panel-3", { role: "Engineer" }));
    expect([above.reason, above.said["role"]]).toEqual(["role", "Engineer"]);
    expect(above.what).toMatch(/Operator.*Engineer/);
  });

  it("knows every kind of bad key", async () => {
    await using site = await openSite();
    const [revoked, expired, good] = [
      await keyFor(site),
      await keyFor(site, { expiresInMs: 1000 }),
      await keyFor(site),
    ];
    await site.service.keys.revoke(parseRegistrationKey(revoked).id);
    site.clock += 2000;
    const cases: readonly (readonly [string, RefusalReason])[] = [
      ["no key", "malformed"],
      [UNKNOWN, "unknown"],
      [wrongSecret(good), "wrong-secret"],
      [expired, "expired"],
      [revoked, "revoked"],
    ];
    for (const [key, reason] of cases) {
      const found = await why(site, enrol(site, key, "panel"));
      expect([found.reason, found.page, found.name]).toEqual([reason, `docs/refusals/${reason}.md`, "panel"]);
    }
    const [unknown] = (await site.service.refusals.list()).filter(({ reason }) => reason === "unknown");
    expect(unknown?.said).toEqual({ keyId: "00000000" });
  });

  it("reads a code as people read it out, and has no answer to another", async () => {
    await using site = await openSite();
    const { correlation = "" } = await refusalOf(enrol(site, UNKNOWN, "panel"));
    const spoken = ` ${correlation.slice(0, 4).toLowerCase().replaceAll("0", "o").replaceAll("1", "l")}-${correlation.slice(4)}`;
    expect((await site.service.refusals.why(spoken)).correlation).toBe(correlation);
    for (const code of ["", "ZZZZZZZZ", "U".repeat(8), "0".repeat(9), "%".repeat(8)]) {
      expect((await refusalOf(site.service.refusals.why(code))).code).toBe("ERR_REFUSAL_UNKNOWN");
    }
  });

  it("notes a clock that is further off than a certificate bears", async () => {
    await using site = await openSite();
    const at = (offMs: number): string => new Date(site.clock + offMs).toISOString();
    const attempt = async (key: string, offMs: number): Promise<unknown> =>
      await site.service.enrol({
        key,
        csr: await freshRequest(),
        name: "panel",
        source: "10.0.0.5",
        deviceTime: at(offMs),
      });
    expect((await why(site, attempt(UNKNOWN, -86_400_000))).said["clockOffSeconds"]).toBe(-86_400);
    expect((await why(site, attempt(UNKNOWN, 300_000))).said).not.toHaveProperty("clockOffSeconds");
    await attempt(await keyFor(site), 3_600_000);
    expect(site.events.at(-1)).toMatchObject({ event: "claimed", detail: { clockOffSeconds: 3600 } });
  });
});

describe("refusals", () => {
  it("are listed by key and by name, the newest first, and key show has them", async () => {
    await using site = await openSite();
    const key = await keyFor(site);
    const { id } = parseRegistrationKey(key);
    for (const name of ["a", "b", "A"]) await refusalOf(enrol(site, wrongSecret(key), name));
    await refusalOf(enrol(site, UNKNOWN, "a"));
    expect((await site.service.refusals.list({ name: "a" })).map(({ reason }) => reason)).toEqual([
      "unknown",
      "wrong-secret",
      "wrong-secret",
    ]);
    expect((await site.service.refusals.list({ key: id })).map(({ name }) => name)).toEqual(["A", "b", "a"]);
    expect(await site.service.refusals.list({ limit: 2 })).toHaveLength(2);
    await enrol(site, key, "panel");
    const shown = await site.service.keys.show(id);
    expect(shown).toMatchObject({
      state: "used-up",
      identities: [{ id: "panel", state: "claimed" }],
      certificateLifetimeMs: 90 * 86_400_000,
    });
    expect(shown.refusals).toHaveLength(3);
    expect(shown.history.map(({ event }) => event)).toEqual(["claimed", "key-created"]);
    expect((await refusalOf(site.service.keys.show("00000000"))).code).toBe("ERR_KEY_UNKNOWN");
  });

  it("never hold a key, wherever it was typed", async () => {
    await using site = await openSite();
    const key = await keyFor(site);
    const secret = key.slice(14);
    await refusalOf(enrol(site, UNKNOWN, key, { serial: secret.toLowerCase(), role: key.replaceAll("_", "-") }));
    const code = (await refusalOf(enrol(site, key, key))).code;
    expect(code).toBe("ERR_ENROLMENT_REQUEST");
    const kept = JSON.stringify([site.events, await site.service.refusals.list()]).toUpperCase();
    expect(kept).not.toContain(secret.slice(0, 32));
    expect(kept).toContain("WITHHELD");
    expect(["hmi-2", "SN-2026-000017", "3f".repeat(16)].filter(holdsKey)).toEqual([]);
  });

  it("are kept to the newest ten thousand, of those that the log has, and every other event stays", async () => {
    await using site = await openSite();
    const created = await keyFor(site);
    await withRegistry(site, async (database) => {
      await sql`insert into event (at, kind, event, fields)
        with recursive n (i) as (select 1 union all select i + 1 from n where i < 10800)
        select i, 'enrolment', 'refused', '{"reason":"unknown"}' from n`.execute(database);
      await sql`update event_delivery set edge = (select max(edge) - 600 from event)`.execute(database);
    });
    await refusalOf(enrol(site, UNKNOWN, "panel"));
    await withRegistry(site, async (database) => {
      // The restart removed the old ones; the next are removed when some hundreds have come.
      const kept = await database.selectFrom("event").select(["edge", "event"]).orderBy("edge").execute();
      expect(kept.filter(({ event }) => event === "refused")).toHaveLength(KEPT_REFUSALS + 1);
      expect(kept.filter(({ event }) => event !== "refused").map(({ event }) => event)).toEqual(["key-created"]);
      // Edges are not given out twice, so what the log has stays unambiguous.
      expect(kept.at(-1)?.edge).toBe(10_802);
      // What the log does not have yet is never removed.
      expect(await pruneRefusals(database, 9000, 100)).toBe(9000 - 801);
    });
    expect((await site.service.keys.show(parseRegistrationKey(created).id)).history).toHaveLength(1);
  });
});

/** Looks into the registry while no service holds it. */
async function withRegistry(site: TestSite, run: (database: Kysely<Registry>) => Promise<void>): Promise<void> {
  await site.service.close();
  const database = await openDatabase<Registry>({ file: join(site.dir, "registry.sqlite"), migrations });
  await run(database);
  await closeDatabase(database);
  await site.restart();
}
