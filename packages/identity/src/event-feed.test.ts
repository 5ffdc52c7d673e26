import { describe, expect, it } from "vitest";
import type { IdentityEvent } from "./events.ts";
import { enrol, enrolled, operator, refusalOf, UNKNOWN } from "./testing/enrol.ts";
import { openSite } from "./testing/site.ts";

/** Refused, with a source of its own for every request. */
let sources = 0;
const NO_KEY = {
  key: UNKNOWN,
  csr: "",
  name: "nobody",
  get source() {
    sources += 1;
    return `10.0.${sources >> 8}.${sources & 255}`;
  },
};

describe("identity events", () => {
  it("have rising edges without a gap, and come in that order however many happen at once", async () => {
    await using site = await openSite();
    await Promise.all(Array.from({ length: 20 }, (_, index) => enrolled(site, `hmi-${index}`)));
    await Promise.all(Array.from({ length: 20 }, () => refusalOf(enrol(site, UNKNOWN, "nobody"))));
    expect(site.events.map(({ edge }) => edge)).toEqual(site.events.map((_, index) => index + 1));
    expect(site.events.filter(({ event }) => event === "confirmed")).toHaveLength(20);
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
    const names = ["key-created", "claimed", "confirmed", "revoked", "retired"];
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

  it("do not keep a change from its effect while the log takes its time", async () => {
    const gate = Promise.withResolvers<void>();
    const effects: string[] = [];
    await using site = await openSite({
      deliver: () => gate.promise,
      onChange: ({ records }) => {
        effects.push(...records.map(({ id, state }) => `${id} ${state}`));
        return Promise.resolve();
      },
    });
    const { identities } = site.service;
    const added = identities.add({ id: "hmi-2", kind: "client", role: "Viewer" });
    await expect.poll(() => effects).toEqual(["hmi-2 active"]);
    const suspended = identities.suspend("hmi-2");
    await expect.poll(() => effects).toEqual(["hmi-2 active", "hmi-2 suspended"]);
    gate.resolve();
    await Promise.all([added, suspended]);
  });

  it("come in order and each once when there are more than memory keeps", async () => {
    const taken: number[] = [];
    let broken = true;
    await using site = await openSite({
      deliver: (events) => {
        if (broken) return Promise.reject(new Error("broken"));
        taken.push(...events.map(({ edge }) => edge));
        return Promise.resolve();
      },
    });
    const { service } = site;
    for (let round = 0; round < 5; round += 1) {
      await Promise.all(Array.from({ length: 250 }, () => service.enrol(NO_KEY).catch(() => undefined)));
    }
    expect(service.events.undelivered).toBe(1_250);
    broken = false;
    await service.events.deliver();
    expect(taken).toEqual(Array.from({ length: 1_250 }, (_, index) => index + 1));
    expect(service.events.undelivered).toBe(0);
  });

  it("of an earlier process are told from new ones", async () => {
    const seen: { readonly edge: number; readonly left: number }[] = [];
    let dead = true;
    await using site = await openSite({
      deliver: (events, left) => {
        if (dead) return Promise.reject(new Error("dead"));
        seen.push(...events.map(({ edge }) => ({ edge, left })));
        return Promise.resolve();
      },
    });
    await site.service.keys.create(operator);
    await site.service.close();
    dead = false;
    await site.restart();
    await site.service.keys.create(operator);
    expect(seen).toEqual([
      { edge: 1, left: 1 },
      { edge: 2, left: 1 },
    ]);
  });
});
