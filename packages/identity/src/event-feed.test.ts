import { describe, expect, it } from "vitest";
import type { IdentityEvent } from "./events.ts";
import { enrol, enrolled, operator, refusalOf, UNKNOWN } from "./testing/enrol.ts";
import { openSite } from "./testing/site.ts";

describe("identity events", () => {
  it("have rising edges without a gap, and come in that order however many happen at once", async () => {
    await using site = await openSite();
    await Promise.all(Array.from({ length: 20 }, (_, index) => enrolled(site, `hmi-${index}`)));
    await Promise.all(Array.from({ length: 20 }, () => refusalOf(enrol(site, UNKNOWN, "nobody"))));
    expect(site.events.map(({ edge }) => edge)).toEqual(site.events.map((_, index) => index + 1));
    expect(site.events.filter(({ event }) => event === "activated")).toHaveLength(20);
    expect(site.events.filter(({ reason }) => reason === "unknown")).toHaveLength(20);
  });

  it("wait in the registry while the log takes none, and come once it does", async () => {
    const taken: IdentityEvent[] = [];
    const errors: unknown[] = [];
    let full = true;
    await using site = await openSite({
      deliver: (events) => {
        if (full) return Promise.reject(new Error("full"));
        taken.push(...events);
        return Promise.resolve();
      },
      onError: (error) => errors.push(error),
    });
    await enrolled(site, "hmi-2");
    await site.service.identities.revoke("hmi-2");
    expect(site.service.subjectsSnapshot()).toMatchObject([{ id: "hmi-2", state: "revoked" }]);
    expect(taken).toEqual([]);
    expect(errors).toHaveLength(4);
    full = false;
    await site.service.identities.retire("hmi-2");
    const names = ["key-created", "claimed", "confirmed", "activated", "revoked", "retired"];
    expect(taken.map(({ event }) => event)).toEqual(names);
  });

  it("are delivered at the next start when the process ended in between, and then never again", async () => {
    let taken: IdentityEvent[] = [];
    let dead = true;
    await using site = await openSite({
      deliver: (events) => {
        if (dead) return Promise.reject(new Error("dead"));
        taken.push(...events);
        return Promise.resolve();
      },
    });
    await site.service.keys.create(operator);
    dead = false;
    await site.restart();
    expect(taken.map(({ edge, event }) => ({ edge, event }))).toEqual([{ edge: 1, event: "key-created" }]);
    taken = [];
    await site.restart();
    expect(taken).toEqual([]);
  });
});
