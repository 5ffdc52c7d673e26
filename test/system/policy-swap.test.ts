/** Another policy, a hundred times a second and under load: every request is decided by one of the two, none by neither. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { readRecords, verifyLog } from "@modwarden/audit";
import { type Client, connect, createServer, formatModbusUrl } from "@modwarden/modbus";
import { type RunningSite, readSite, siteCommand, startSite } from "@modwarden/server";
import { expect, it } from "vitest";
import { createSiteFolder, type SiteFolder } from "../site/site-folder.ts";
import { startBuilt } from "./support.ts";
import { areas, CLIENTS, checkAnswers, type Name, policyOf, sleep, swapUnderLoad } from "./swapping.ts";

const KILLS = 12;

interface Applied {
  readonly version: number;
  readonly hash: string;
}

it("is in force at once and as a whole, and no request is decided by neither", async (context) => {
  const reached = new Set<string>();
  const device = createServer({
    "write-single-register": (request) => {
      reached.add(`${request.address} ${request.value}`);
      return request;
    },
    "write-multiple-registers": ({ kind, address, values }) => {
      reached.add(`${address} ${values.join(" ")}`);
      return { kind, address, quantity: values.length };
    },
  });
  const at = await device.listen("modbus+tcp://127.0.0.1:0");
  const folder = createSiteFolder(`${formatModbusUrl(at)}?unit=1`);
  writeFileSync(join(folder.dir, "policy.yaml"), policyOf("a"));
  const clients: Client[] = [];
  let site: RunningSite | undefined;
  context.onTestFinished(async () => {
    for (const client of clients) await client.close();
    await site?.stop();
    folder.remove();
    await device.close();
  });
  site = await start(folder);
  const running = site;
  await site.command("identity.add", { id: "hmi", kind: "client", role: "Operator" });
  const hashes = { a: (await apply(site, "a")).hash, b: (await apply(site, "b")).hash };
  for (let count = 0; count < CLIENTS; count += 1) {
    clients.push(await connect(site.urls.gateway[1] ?? "", { unit: 1, timeoutMs: 20_000 }));
  }

  const swapped = await swapUnderLoad(clients, async (to) => {
    expect((await apply(running, to)).hash).toBe(hashes[to]);
  });
  const { swaps } = swapped;
  checkAnswers(swapped, reached);

  await site.stop();
  expect(await verifyLog({ dir: folder.audit })).toMatchObject({ ok: true });
  const versions: unknown[] = [];
  let recorded = 0;
  for (const record of readRecords(folder.audit)) {
    if (record.kind === "policy" && record["event"] === "applied") versions.push(record["version"]);
    if (record.kind !== "transaction") continue;
    const { decision, accesses } = record as unknown as {
      readonly decision: { readonly permit: boolean; readonly policy: string };
      readonly accesses: readonly { readonly address: number; readonly quantity: number }[];
    };
    expect([hashes.a, hashes.b]).toContain(decision.policy);
    const [access] = accesses;
    if (!decision.permit || access === undefined) continue;
    recorded += 1;
    expect(decision.policy).toBe(access.address < areas.b ? hashes.a : hashes.b);
  }
  expect(recorded).toBe(reached.size);
  // The first one is that of the start, and it was the policy of the first swap, which changed nothing.
  expect(versions).toEqual(Array.from({ length: swaps + 2 }, (_, index) => index + 1));
}, 600_000);

it("survives a kill in the middle: the old one or the new one is in force, with its signature", async (context) => {
  const device = createServer(() => Promise.reject(new Error("nobody asks")));
  const at = await device.listen("modbus+tcp://127.0.0.1:0");
  const folder = createSiteFolder(`${formatModbusUrl(at)}?unit=1`);
  writeFileSync(join(folder.dir, "policy.yaml"), policyOf("a"));
  context.onTestFinished(() => {
    folder.remove();
    return device.close();
  });
  let answered: Applied | undefined;
  for (let kill = 1; kill <= KILLS; kill += 1) {
    const running = startBuilt(context, ["up", folder.file, "--json"]);
    await running.ready("all");
    let killed = false;
    const swapping = (async () => {
      for (let name: Name = "b"; !killed; name = name === "a" ? "b" : "a") {
        const parameters = { text: policyOf(name), file: "policy.yaml" };
        try {
          answered = (await siteCommand(readSite(folder.file), "policy.apply", parameters)) as Applied;
        } catch (error) {
          // Cut off in the middle, or asked while the folder was nobody's yet.
          if (!killed) throw error;
        }
      }
    })();
    await sleep(100 + 23 * kill);
    killed = true;
    await running.stop("SIGKILL");
    await swapping;
    const before = answered?.version ?? 0;
    const history = (await siteCommand(readSite(folder.file), "policy.history", {})) as readonly Applied[];
    const newest = history.at(-1);
    expect(newest?.version).toBeGreaterThanOrEqual(before);
  }
  expect(answered?.version).toBeGreaterThan(1);
  const running = startBuilt(context, ["up", folder.file, "--json"]);
  await running.ready("all");
  expect((await running.stop("SIGTERM")).code).toBe(0);
  expect(await verifyLog({ dir: folder.audit })).toMatchObject({ ok: true });
  const events = [...readRecords(folder.audit)]
    .filter(({ kind }) => kind === "policy")
    .map((record) => record["event"]);
  expect(events).not.toContain("damaged");
}, 300_000);

async function start(folder: SiteFolder): Promise<RunningSite> {
  return await startSite(readSite(folder.file), {
    version: "0.0.0",
    consoleDir: folder.dir,
    onReady: () => undefined,
    onNotice: () => undefined,
  });
}

async function apply(site: RunningSite, name: Name): Promise<Applied> {
  return (await site.command("policy.apply", { text: policyOf(name), file: `${name}.yaml` })) as Applied;
}
