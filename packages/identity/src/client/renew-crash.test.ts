import { cpSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import fc from "fast-check";
import { afterEach, describe, expect, it, vi } from "vitest";
import { enrolledFolder, exchangeWith } from "../testing/client.ts";
import { DUE_MS } from "../testing/renew.ts";
import { openSite, type TestSite } from "../testing/site.ts";
import { loadIdentity } from "./folder.ts";
import { type RenewalExchange, renewInto } from "./renew.ts";

/** A few in `npm test`, so that it stays short: `RENEWALS=300` looks at every point and many sequences. */
const RENEWALS = Number(process.env["RENEWALS"] ?? "2");
/** Every so many changes of a file one is the last. */
const STEP = RENEWALS > 50 ? 1 : 8;

const TIMEOUT_MS: number = 20_000 + RENEWALS * 3000;

/** The power fails: nothing that changes a file happens any more until it is back. */
const power = vi.hoisted(() => ({ left: Number.POSITIVE_INFINITY }));

class PowerFailure extends Error {}

vi.mock("node:fs", async (original) => {
  const fs = await original<typeof import("node:fs")>();
  const failing =
    <Arguments extends unknown[], Result>(change: (...given: Arguments) => Result) =>
    (...given: Arguments): Result => {
      power.left -= 1;
      if (power.left < 0) throw new PowerFailure();
      return change(...given);
    };
  const { openSync, writeSync, renameSync, rmSync: remove, mkdirSync } = fs;
  return {
    ...fs,
    openSync: failing(openSync),
    writeSync: failing(writeSync),
    renameSync: failing(renameSync),
    mkdirSync: failing(mkdirSync),
    rmSync: failing(remove),
  };
});

afterEach(() => {
  power.left = Number.POSITIVE_INFINITY;
});

type Cut =
  | { readonly at: "files"; readonly after: number }
  | { readonly at: "question" | "answer"; readonly nth: number };

/** Renews until the power fails; whether it was done before. */
async function renewUntil(dir: string, site: TestSite, cut: Cut | undefined): Promise<boolean> {
  let asked = 0;
  const whole = exchangeWith(site);
  const exchange: RenewalExchange = async (path, body, identity) => {
    asked += 1;
    if (cut?.at === "question" && asked > cut.nth) throw new PowerFailure();
    // The server's files are on another machine.
    const left = power.left;
    power.left = Number.POSITIVE_INFINITY;
    const answer = await whole(path, body, identity);
    power.left = left;
    if (cut?.at === "answer" && asked > cut.nth) throw new PowerFailure();
    return answer;
  };
  if (cut?.at === "files") power.left = cut.after;
  try {
    await renewInto(dir, { when: "now", now: () => new Date(site.clock), exchange });
    return true;
  } catch (error) {
    if (error instanceof PowerFailure) return false;
    throw error;
  } finally {
    power.left = Number.POSITIVE_INFINITY;
  }
}

/** The certificates that would be taken now. */
function goodOnes(site: TestSite, id = "hmi-2"): readonly unknown[] {
  const registry = new DatabaseSync(join(site.dir, "registry.sqlite"), { readOnly: true });
  try {
    return registry
      .prepare(
        "select fingerprint from certificate where identity_id = ? and revoked is null and confirm_by is null and expires > ?",
      )
      .all(id, site.clock);
  } finally {
    registry.close();
  }
}

/** Each run has an identity of its own and the whole life of the authority before it. */
function oneAfterAnother(site: TestSite): () => string {
  const start = site.clock;
  let count = 0;
  return () => {
    site.clock = start;
    count += 1;
    return `hmi-${count}`;
  };
}

const cut: fc.Arbitrary<Cut> = fc.oneof(
  fc.record({ at: fc.constant("files" as const), after: fc.nat(60) }),
  fc.record({ at: fc.constantFrom("question" as const, "answer" as const), nth: fc.nat(2) }),
);

describe("a renewal that is cut off", () => {
  it(
    "leaves a whole identity behind, and goes on with the next call, wherever it was",
    async () => {
      await using site = await openSite();
      const dir = await enrolledFolder(site, "hmi-2");
      let points = 0;
      for (let done = false; !done; points += STEP) {
        // A while, so that no bound on certificates in a time is met.
        site.clock += DUE_MS / 2;
        const before = loadIdentity(dir).counter;
        done = await renewUntil(dir, site, { at: "files", after: points });
        expect(loadIdentity(dir).state).toBe("active");
        await renewUntil(dir, site, undefined);
        const { fingerprint, counter } = loadIdentity(dir);
        expect(await site.service.identities.show("hmi-2")).toMatchObject({ state: "active", fingerprint });
        expect([before + 1, before + 2]).toContain(counter);
        expect(goodOnes(site)).toEqual([{ fingerprint }]);
      }
      // So many changes of files does one renewal take.
      expect(points).toBeGreaterThan(20);
    },
    TIMEOUT_MS,
  );

  it(
    "never looks like a second holder, whatever is cut off and repeated, and however late",
    async () => {
      const step = fc.oneof(
        { weight: 4, arbitrary: fc.record({ cut: fc.option(cut, { nil: undefined }) }) },
        { weight: 1, arbitrary: fc.record({ waitMs: fc.constantFrom(1000, 600_000, DUE_MS, 2 * DUE_MS) }) },
      );
      await using site = await openSite();
      const next = oneAfterAnother(site);
      await fc.assert(
        fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 8 }), async (steps) => {
          const id = next();
          const dir = await enrolledFolder(site, id);
          await site.service.identities.resetRecoveries(id, 1000);
          for (const one of steps) {
            if ("waitMs" in one) site.clock += one.waitMs;
            else await renewUntil(dir, site, one.cut);
            expect((await site.service.identities.show(id)).state).toBe("active");
            expect(goodOnes(site, id).length).toBeLessThanOrEqual(1);
          }
          expect(await renewUntil(dir, site, undefined)).toBe(true);
          expect(goodOnes(site, id)).toEqual([{ fingerprint: loadIdentity(dir).fingerprint }]);
        }),
        { numRuns: RENEWALS },
      );
    },
    TIMEOUT_MS,
  );

  it(
    "is two holders' own: whoever copied the folder locks both with the second renewal, at any point of the first",
    async () => {
      await using site = await openSite();
      const next = oneAfterAnother(site);
      await fc.assert(
        fc.asyncProperty(cut, fc.boolean(), async (where, thiefFirst) => {
          const id = next();
          const owner = await enrolledFolder(site, id);
          const thief = `${owner}-copy`;
          await renewUntil(owner, site, where);
          cpSync(owner, thief, { recursive: true });
          for (const dir of thiefFirst ? [thief, owner] : [owner, thief]) {
            site.clock += DUE_MS;
            const rounds = [0, 1];
            for (const _ of rounds) await renewUntil(dir, site, undefined).catch(() => undefined);
            expect(goodOnes(site, id).length).toBeLessThanOrEqual(1);
          }
          expect(await site.service.identities.show(id)).toMatchObject({ state: "suspended", reason: "clone" });
        }),
        { numRuns: RENEWALS },
      );
    },
    TIMEOUT_MS,
  );
});
