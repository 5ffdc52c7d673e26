import { readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { lockFile } from "@modwarden/store";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { DAY_MS } from "../context.ts";
import { type EnrolmentServer, startEnrolmentServer } from "../endpoint/server.ts";
import { operator } from "../testing/enrol.ts";
import { openSite, type TestSite } from "../testing/site.ts";
import { loadIdentity } from "./folder.ts";
import { enrolInto } from "./into.ts";
import { backOff, keepRenewed } from "./keep-renewed.ts";
import { type RenewOptions, renewInto } from "./renew.ts";

let site: TestSite;
let server: EnrolmentServer;
let dir: string;

beforeEach(async () => {
  site = await openSite();
  server = await startEnrolmentServer({
    service: site.service,
    listen: "https://127.0.0.1:0",
    names: [],
    now: () => new Date(site.clock),
  });
  dir = join(site.dir, "hmi-2");
});
afterEach(async () => {
  await server.close();
  await site[Symbol.asyncDispose]();
});

async function enrol(): Promise<void> {
  const { key, pin } = await site.service.keys.create(operator);
  await enrolInto(dir, { url: server.url, key, pin, name: "hmi-2", timeoutMs: 5000 });
}

async function renew(when: RenewOptions["when"], more: Partial<RenewOptions> = {}): Promise<string> {
  const result = await renewInto(dir, { when, now: () => new Date(site.clock), timeoutMs: 5000, ...more });
  expect(result.identity).toEqual(loadIdentity(dir));
  return result.outcome;
}

describe("renewing over HTTPS", () => {
  it("goes through a life: kept, renewed, forced, ended and recovered, ever with a new key in a whole folder", async () => {
    await enrol();
    const first = loadIdentity(dir);
    expect(first).toMatchObject({ state: "active", counter: 0 });
    expect(await renew("due")).toBe("kept");
    site.clock = Date.parse(first.renewAfter);
    expect(await renew("due")).toBe("renewed");
    const second = loadIdentity(dir);
    expect(second).toMatchObject({ id: "hmi-2", role: "Operator", state: "active", counter: 1, ca: first.ca });
    expect(second.key).not.toBe(first.key);
    expect(readdirSync(dir).sort()).toEqual([
      ".lock",
      "bundle.json",
      "cert.pem",
      "chain.pem",
      "identity.json",
      "key.pem",
    ]);
    expect(statSync(join(dir, "key.pem")).mode & 0o777).toBe(0o600);
    await expect(renew("recover")).rejects.toMatchObject({ code: "ERR_RENEWAL_EARLY" });
    expect(await renew("now")).toBe("renewed");
    // The server's clock and this one's: both are past the end, then this one's alone is not.
    site.clock += 100 * DAY_MS;
    expect(await renew("due")).toBe("recovered");
    site.clock += 100 * DAY_MS;
    expect(await renew("now", { now: () => new Date(site.clock - 50 * DAY_MS) })).toBe("recovered");
    expect(loadIdentity(dir).counter).toBe(4);
    expect(await site.service.identities.show("hmi-2")).toMatchObject({
      ...{ state: "active", fingerprint: loadIdentity(dir).fingerprint, renewals: 4, recoveries: 2 },
    });
  });

  it("takes a folder of the first version, one that was cut off after its enrolment, and a server that has moved", async () => {
    await enrol();
    const file = join(dir, "identity.json");
    const { renewAfter: _, counter: __, ...about } = JSON.parse(readFileSync(file, "utf8")) as Record<string, unknown>;
    writeFileSync(file, JSON.stringify({ ...about, modwarden: 1, state: "claimed", url: "https://127.0.0.1:1" }));
    await expect(renew("now")).rejects.toMatchObject({ code: "ERR_ENROLMENT_UNREACHABLE" });
    expect(await renew("now", { url: server.url })).toBe("renewed");
    expect(JSON.parse(readFileSync(file, "utf8"))).toMatchObject({ modwarden: 2, counter: 1, url: server.url });
  });

  it("is one process's at a time, and says what is no identity", async () => {
    await enrol();
    const lock = lockFile(join(dir, ".lock"));
    await expect(renew("now")).rejects.toMatchObject({ code: "ERR_IDENTITY_BUSY" });
    lock?.release();
    expect(await renew("now")).toBe("renewed");
    rmSync(join(dir, "identity.json"));
    await expect(renew("now")).rejects.toMatchObject({ code: "ERR_IDENTITY_MISSING" });
  });

  it("gives up a renewal that the server does not take, and keeps the identity it has", async () => {
    await enrol();
    const before = loadIdentity(dir);
    await site.service.identities.suspend("hmi-2");
    await expect(renew("now")).rejects.toMatchObject({ code: "ERR_ENROLMENT_REFUSED" });
    expect(loadIdentity(dir)).toEqual(before);
    await site.service.identities.resume("hmi-2");
    expect(await renew("now")).toBe("renewed");
  });
});

describe("keeping renewed", () => {
  it("renews when it is time, and tells what does not work and when it is tried again", async () => {
    await enrol();
    const first = loadIdentity(dir);
    site.clock = Date.parse(first.renewAfter);
    const { promise, resolve } = Promise.withResolvers<string>();
    const options = { now: () => new Date(site.clock), timeoutMs: 5000 };
    const kept = keepRenewed(dir, {
      ...options,
      onRenewed: (identity, how) => resolve(`${how} ${identity.fingerprint}`),
      onProblem: (error) => resolve(String(error)),
    });
    const told = await promise;
    await kept.stop();
    expect(told).toBe(`renewed ${loadIdentity(dir).fingerprint}`);
    site.clock += 85 * DAY_MS;
    await server.close();
    const problem = Promise.withResolvers<{ error: unknown; retry: Date }>();
    const alone = keepRenewed(dir, {
      ...options,
      onRenewed: () => undefined,
      onProblem: (error, retry) => problem.resolve({ error, retry }),
    });
    const { error, retry } = await problem.promise;
    await alone.stop();
    expect(error).toMatchObject({ code: "ERR_ENROLMENT_UNREACHABLE" });
    expect(retry.getTime()).toBeGreaterThan(site.clock);
    expect(() =>
      keepRenewed(site.dir, { ...options, onRenewed: () => undefined, onProblem: () => undefined }),
    ).toThrow();
  });

  it("tries again later each time, within the hour, and more often near the end", () => {
    const waits = [0, 1, 2, 20].map((failures) => backOff(failures, 30 * DAY_MS, 0.5));
    expect(waits).toEqual([60_000, 120_000, 240_000, 3_600_000]);
    expect(backOff(20, 600_000, 0.5)).toBe(30_000);
    expect(backOff(20, -1, 1)).toBe(4_500_000);
    expect(backOff(0, 0, 0)).toBe(45_000);
    expect(backOff(5, 1, 0)).toBe(1000);
  });
});
