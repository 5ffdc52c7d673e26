import { readFileSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { readRecords, verifyLog } from "@modwarden/audit";
import { createMemoryHandler, createServer, formatModbusUrl, type ModbusServer } from "@modwarden/modbus";
import { loadSite, siteCommand } from "@modwarden/server";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Running, startModwarden } from "../cli/modwarden.ts";
import { createSiteFolder, type SiteFolder } from "../site/site-folder.ts";
import { type Applicant, applicants, type Ending, enrolAll } from "./enrolling.ts";

const ALL = 1_000;
/** Fewer for each kill, so that there can be more kills. */
const SOME = 250;
const KILLS = Number(process.env["ENROLMENT_KILLS"] ?? "8");
const AT_ONCE = 96;

let device: ModbusServer;
let site: SiteFolder;
let everyone: readonly Applicant[];
beforeAll(async () => {
  device = createServer(createMemoryHandler());
  site = createSiteFolder(`${formatModbusUrl(await device.listen("modbus+tcp://127.0.0.1:0"))}?unit=1`);
  everyone = await applicants(ALL);
});
afterAll(async () => {
  site.remove();
  await device.close();
});

async function start(): Promise<{ readonly running: Running; readonly port: number }> {
  const running = startModwarden(["up", site.file, "--json"], { from: "built" });
  const url = await running.ready("enrolment");
  await running.ready("all");
  return { running, port: Number(new URL(url).port) };
}

/** Through the control socket of the site that runs, as the command line does it. */
async function command<Result>(name: string, parameters: object = {}): Promise<Result> {
  return (await siteCommand(loadSite(site.file), name, parameters)) as Result;
}

async function oneUseKey(): Promise<{ readonly id: string; readonly key: string }> {
  return await command("key.create", { kind: "client", roles: ["Operator"] });
}

/** Exactly one of them is registered, it is the one that was told so, and the key knows of one use. */
async function expectOne(endings: readonly Ending[], keyId: string): Promise<string> {
  const winners = endings.filter(({ enrolled }) => enrolled).map(({ name }) => name);
  expect(winners).toHaveLength(1);
  const registered = await command<readonly { id: string; state: string }[]>("identity.list");
  const ours = registered.filter(({ id, state }) => /^hmi-\d+$/.test(id) && state !== "retired");
  expect(ours).toMatchObject([{ id: winners[0], state: "active" }]);
  const keys = await command<readonly { id: string; used: number; state: string }[]>("key.list");
  expect(keys.find(({ id }) => id === keyId)).toMatchObject({ used: 1, state: "used-up" });
  return winners[0] ?? "";
}

/** The registry and the log tell the same edges, each once. */
async function expectSameEdges(): Promise<number> {
  expect(await verifyLog({ dir: site.audit })).toMatchObject({ ok: true });
  const registry = new DatabaseSync(join(site.dir, "data", "registry.sqlite"), { readOnly: true });
  const inRegistry = registry.prepare("select edge from event order by edge").all() as { edge: number }[];
  registry.close();
  const inLog = [...readRecords(site.audit)].map((record) => record["edge"]).filter((edge) => edge !== undefined);
  expect(inLog).toEqual(inRegistry.map(({ edge }) => edge));
  return inLog.length;
}

describe("a registration key for one use", () => {
  it(`lets one of ${ALL} that ask at once in, over HTTPS, each by its own connection`, async () => {
    const { running, port } = await start();
    const root = readFileSync(join(site.dir, "data", "ca", "root.pem"), "utf8");
    const { id, key } = await oneUseKey();
    const endings = await enrolAll(everyone, { port: () => port, root }, key, AT_ONCE);
    expect(endings).toHaveLength(ALL);
    const winner = await expectOne(endings, id);
    await command("identity.retire", { id: winner });
    expect((await running.stop("SIGTERM")).code).toBe(0);
    expect(await expectSameEdges()).toBeGreaterThan(ALL);
  }, 240_000);

  it(`does so with kill -9 of the site in the middle, ${KILLS} times: none lost, none doubled, every edge on record once`, async () => {
    const root = readFileSync(join(site.dir, "data", "ca", "root.pem"), "utf8");
    let lost = 0;
    for (let kill = 0; kill < KILLS; kill += 1) {
      let { running, port } = await start();
      const { id, key } = await oneUseKey();
      const all = enrolAll(everyone.slice(0, SOME), { port: () => port, root }, key, AT_ONCE);
      // From before the first certificate to after its confirmation.
      await new Promise((resolve) => setTimeout(resolve, 20 + ((kill * 83) % 700)));
      await running.stop("SIGKILL");
      ({ running, port } = await start());
      const endings = await all;
      lost += endings.reduce((sum, ending) => sum + ending.lost, 0);
      const winner = await expectOne(endings, id);
      await command("identity.retire", { id: winner });
      expect((await running.stop("SIGTERM")).code).toBe(0);
      await expectSameEdges();
    }
    // The kills did hit somebody.
    expect(lost).toBeGreaterThan(KILLS);
  }, 900_000);
});
