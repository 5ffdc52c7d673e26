import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { IdentityError } from "../errors.ts";
import { SOURCE } from "../testing/enrol.ts";
import { freshRequest, openSite, type TestSite } from "../testing/site.ts";
import type { IdentityState, KeyOptions } from "../types.ts";

/** More where somebody asks for them: LIVES=500. */
const LIVES = Number(process.env["LIVES"] ?? "6");
const IDS = ["a", "b"] as const;
const MINUTE = 60_000;
const DAY = 86_400_000;

type At = IdentityState | "nothing";

/** Every edge: from where it may come, and where it may lead. Two places: what is left depends on key and site file. */
const FREE: readonly At[] = ["nothing", "retired", "revoked"];
const EDGES: Readonly<Record<string, { readonly from: readonly At[]; readonly to: readonly At[] }>> = {
  reserved: { from: FREE, to: ["issued"] },
  added: { from: FREE, to: ["active"] },
  pending: { from: [...FREE, "issued"], to: ["pending"] },
  claimed: { from: [...FREE, "issued", "approved"], to: ["claimed"] },
  approved: { from: ["pending"], to: ["approved"] },
  denied: { from: ["pending"], to: ["revoked"] },
  lapsed: { from: ["pending", "approved"], to: ["revoked", "issued"] },
  confirmed: { from: ["claimed"], to: ["active"] },
  unconfirmed: { from: ["claimed"], to: ["revoked", "issued"] },
  suspended: { from: ["active"], to: ["suspended"] },
  resumed: { from: ["suspended"], to: ["active"] },
  revoked: { from: ["issued", "pending", "approved", "claimed", "active", "suspended"], to: ["revoked"] },
  retired: { from: ["issued", "pending", "approved", "claimed", "active", "suspended", "revoked"], to: ["retired"] },
};

type Id = (typeof IDS)[number];
type Step =
  | { readonly do: "key"; readonly id: Id; readonly form: "auto" | "manual" | "named" }
  | { readonly do: "enrol"; readonly id: Id; readonly key: number; readonly csr: 0 | 1 }
  | { readonly do: "wait"; readonly ms: number }
  | { readonly do: "revoke-key"; readonly key: number }
  | { readonly do: "restart" }
  | {
      readonly do: "approve" | "deny" | "claim" | "confirm" | "add" | "suspend" | "resume" | "revoke" | "retire";
      readonly id: Id;
    };

// Mostly one id and the newest keys: what is done to it then comes to something.
const id = fc.constantFrom("a", "a", "a", "b") as fc.Arbitrary<Id>;
const key = fc.constantFrom(0, 0, 0, 1, 2);
const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 3,
    arbitrary: fc.record({ do: fc.constant("key"), id, form: fc.constantFrom("auto", "manual", "manual", "named") }),
  },
  { weight: 7, arbitrary: fc.record({ do: fc.constant("enrol"), id, key, csr: fc.constantFrom(0, 1) }) },
  { weight: 8, arbitrary: fc.record({ do: fc.constantFrom("confirm", "claim", "approve"), id }) },
  {
    weight: 3,
    arbitrary: fc.record({ do: fc.constantFrom("deny", "add", "suspend", "resume", "revoke", "retire"), id }),
  },
  {
    weight: 2,
    arbitrary: fc.record({ do: fc.constant("wait"), ms: fc.constantFrom(MINUTE, 10 * MINUTE, DAY, 7 * DAY) }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant("revoke-key"), key }) },
  { weight: 1, arbitrary: fc.constant({ do: "restart" } as const) },
) as fc.Arbitrary<Step>;

/** What the one at the device holds, and the one at the site. */
interface World {
  readonly site: TestSite;
  readonly csrs: readonly string[];
  readonly keys: { readonly id: string; readonly key: string }[];
  readonly claims: Map<Id, string>;
  readonly fingerprints: Map<Id, string>;
}

async function take(world: World, one: Step): Promise<void> {
  const { site, keys } = world;
  const { service } = site;
  switch (one.do) {
    case "key": {
      const form: Partial<KeyOptions> =
        one.form === "auto" ? {} : one.form === "manual" ? { approval: "manual", uses: 3 } : { identity: one.id };
      keys.unshift(await service.keys.create({ kind: "device", roles: [], expiresInMs: 3 * DAY, ...form }));
      return;
    }
    case "enrol": {
      const used = keys[one.key];
      const csr = world.csrs[one.csr] ?? "";
      if (used === undefined) return;
      const answer = await service.enrol({ key: used.key, csr, name: one.id, source: SOURCE });
      if (answer.state === "pending") world.claims.set(one.id, answer.claim);
      else world.fingerprints.set(one.id, answer.fingerprint);
      return;
    }
    case "claim": {
      const claim = world.claims.get(one.id) ?? "none";
      const answer = await service.claim({ id: one.id, claim, source: SOURCE });
      if (answer.state === "claimed") world.fingerprints.set(one.id, answer.fingerprint);
      return;
    }
    case "confirm":
      await service.confirm(world.fingerprints.get(one.id) ?? "0".repeat(64));
      return;
    case "add":
      await service.identities.add({ id: one.id, kind: "client", role: null });
      return;
    case "wait":
      site.clock += one.ms;
      await service.expireUnconfirmed();
      await service.expireWaiting();
      return;
    case "revoke-key":
      await service.keys.revoke(keys[one.key]?.id ?? "");
      return;
    case "restart":
      await site.restart();
      return;
    default:
      await service.identities[one.do](one.id);
  }
}

interface Told {
  readonly edge: number;
  readonly event: string;
  readonly identity_id: string | null;
  readonly key_id: string | null;
}

/** Walks the events of the registry; what they lead to has to be what the registry says. */
function check(site: TestSite): void {
  const registry = new DatabaseSync(join(site.dir, "registry.sqlite"), { readOnly: true });
  try {
    const all = registry.prepare("select edge, event, identity_id, key_id from event order by edge").all();
    const told = all as unknown as readonly Told[];
    expect(site.events.map(({ edge }) => edge)).toEqual(told.map(({ edge }) => edge));
    const at = new Map<string, readonly At[]>();
    const uses = new Map<string, number>();
    const count = (keyId: string | null, by: 1 | -1): void => {
      if (keyId !== null) uses.set(keyId, (uses.get(keyId) ?? 0) + by);
    };
    for (const { event, identity_id: who, key_id: keyId } of told) {
      const edge = EDGES[event];
      if (who === null || edge === undefined) continue;
      const before = (at.get(who) ?? ["nothing"]).filter((state) => edge.from.includes(state));
      expect(before, `${who}: ${event} from ${at.get(who)?.join(" or ")}`).not.toEqual([]);
      if (event === "pending" || (event === "claimed" && !before.includes("approved"))) count(keyId, 1);
      if (event === "lapsed" || event === "unconfirmed") count(keyId, -1);
      at.set(who, edge.to);
    }
    for (const { id: who, state } of registry.prepare("select id, state from identity").all()) {
      expect(at.get(String(who)) ?? [], String(who)).toContain(state);
      const good = registry
        .prepare("select count(*) as good from certificate where identity_id = ? and revoked is null")
        .get(String(who));
      expect(Number(good?.["good"])).toBeLessThanOrEqual(1);
    }
    for (const { id: keyId, used } of registry.prepare("select id, used from registration_key where id <> ''").all()) {
      expect([keyId, used]).toEqual([keyId, uses.get(String(keyId)) ?? 0]);
    }
  } finally {
    registry.close();
  }
}

/** A life, or several, that goes along every edge there is. */
const EVERY_EDGE: readonly Step[] = [
  { do: "key", id: "a", form: "named" },
  { do: "enrol", id: "a", key: 0, csr: 0 },
  { do: "wait", ms: 10 * MINUTE },
  { do: "enrol", id: "a", key: 0, csr: 1 },
  { do: "restart" },
  { do: "enrol", id: "a", key: 0, csr: 1 },
  { do: "confirm", id: "a" },
  { do: "suspend", id: "a" },
  { do: "resume", id: "a" },
  { do: "revoke", id: "a" },
  { do: "retire", id: "a" },
  { do: "add", id: "a" },
  { do: "retire", id: "a" },
  { do: "key", id: "b", form: "manual" },
  { do: "enrol", id: "b", key: 0, csr: 0 },
  { do: "deny", id: "b" },
  { do: "enrol", id: "b", key: 0, csr: 0 },
  { do: "approve", id: "b" },
  { do: "claim", id: "b" },
  { do: "confirm", id: "b" },
  { do: "enrol", id: "a", key: 0, csr: 1 },
  { do: "wait", ms: 7 * DAY },
];

describe("the life of an identity", () => {
  it("goes along every edge, each with its event", async () => {
    await using site = await openSite();
    const csrs = [await freshRequest(), await freshRequest()];
    const world: World = { site, csrs, keys: [], claims: new Map(), fingerprints: new Map() };
    for (const one of EVERY_EDGE) {
      await take(world, one);
      check(site);
    }
    const seen = new Set(site.events.map(({ event }) => event).filter((event) => event in EDGES));
    expect([...seen].sort()).toEqual(Object.keys(EDGES).sort());
  });

  it("has one event for each edge, at most one good certificate, and every use counted, whatever is done", async () => {
    const csrs = [await freshRequest(), await freshRequest()];
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 10, maxLength: 40 }), async (steps) => {
        await using site = await openSite({ refusals: { burst: 1000 } });
        const world: World = { site, csrs, keys: [], claims: new Map(), fingerprints: new Map() };
        for (const one of steps) {
          await take(world, one).catch((error: unknown) => {
            // What the state does not allow is refused, and changes nothing.
            if (!(error instanceof IdentityError)) throw error;
          });
          check(site);
        }
      }),
      { numRuns: LIVES },
    );
  }, 600_000);
});
