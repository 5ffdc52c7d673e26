/** Another policy, a hundred times a second and under load: every request is decided by one of the two, none by neither. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { readRecords, verifyLog } from "@modwarden/audit";
import { type Client, connect, createServer, formatModbusUrl, ModbusError } from "@modwarden/modbus";
import { type RunningSite, readSite, siteCommand, startSite } from "@modwarden/server";
import { expect, it } from "vitest";
import { createSiteFolder, type SiteFolder } from "../site/site-folder.ts";
import { startBuilt } from "./support.ts";

/** A hundred a second for thirty seconds; a machine that cannot has twice the time. */
const SWAPS = 3_000;
const EVERY_MS = 10;
const MOST_MS = 2 * SWAPS * EVERY_MS;
/** After so many there is a pause, in which it is certain which policy is in force. */
const PAUSE_AFTER = 50;
const PAUSE_MS = 50;
const CLIENTS = 6;
/** Between the requests of a client: what is measured is swaps under load, and not the machine. */
const REST_MS = 4;
const KILLS = 12;

/** Registers that only the one policy, only the other, and neither lets anybody write. */
const areas = { a: 0, b: 100, neither: 200 } as const;
type Area = keyof typeof areas;
type Name = "a" | "b";
const AREA_SIZE = 100;

const policyOf = (name: Name): string => `policy: 1
mode: enforce
roles: [Operator]
rules:
  - id: only-${name}
    permit: { roles: [Operator] }
    units: [1]
    allow: [{ functions: [6, 16], table: holding, addresses: [${areas[name]}-${areas[name] + AREA_SIZE - 1}] }]
    when: { transports: [tcp] }
tests:
  - { as: Operator, unit: 1, function: 6, address: ${areas.neither}, value: 1, transport: tcp, expect: deny }
`;

interface Applied {
  readonly version: number;
  readonly hash: string;
}

/** One write, of a register and a value that no other has. */
interface Asked {
  readonly area: Area;
  readonly address: number;
  readonly value: number;
  readonly permitted: boolean;
  /** The policy in force all the while, where no swap was under way. */
  readonly during: Name | undefined;
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
  await site.command("identity.add", { id: "hmi", kind: "client", role: "Operator" });
  const hashes = { a: (await apply(site, "a")).hash, b: (await apply(site, "b")).hash };
  for (let count = 0; count < CLIENTS; count += 1) {
    clients.push(await connect(site.urls.gateway[1] ?? "", { unit: 1, timeoutMs: 20_000 }));
  }

  // Odd while a swap is under way.
  let phase = 0;
  let inForce: Name = "b";
  let done = false;
  const asked: Asked[] = [];
  let spanning = 0;
  const ask = async (client: Client, index: number): Promise<void> => {
    for (let count = 0; !done; count += 1) {
      const area = (["a", "b", "neither"] as const)[count % 3] ?? "neither";
      const address = areas[area] + index;
      const value = count % 65_536;
      const before = { phase, inForce };
      const permitted = await write(() => client.writeRegister(address, value));
      const stood = before.phase === phase && phase % 2 === 0;
      asked.push({ area, address, value, permitted, during: stood ? before.inForce : undefined });
      await sleep(REST_MS);
      if (count % 10 !== 0) continue;
      // Half of it is permitted by the one, half by the other: a request is never split.
      expect(await write(() => client.writeRegisters(AREA_SIZE - 1, Uint16Array.of(1, 2)))).toBe(false);
      spanning += 1;
    }
  };
  const load = Promise.all(clients.map(ask));
  const began = performance.now();
  let swaps = 0;
  for (; swaps < SWAPS && performance.now() - began < MOST_MS; swaps += 1) {
    const next: Name = inForce === "a" ? "b" : "a";
    phase += 1;
    expect((await apply(site, next)).hash).toBe(hashes[next]);
    inForce = next;
    phase += 1;
    const due = began + (swaps + 1) * EVERY_MS - performance.now();
    await sleep(swaps % PAUSE_AFTER === PAUSE_AFTER - 1 ? PAUSE_MS : Math.max(0, due));
  }
  const seconds = (performance.now() - began) / 1_000;
  done = true;
  await load;
  const tied = asked.filter(({ during }) => during !== undefined);
  console.log(
    `${swaps} swaps, each durable and on record, in ${seconds.toFixed(1)} s (${(swaps / seconds).toFixed(1)} a second); ` +
      `${asked.length + spanning} writes meanwhile, ${asked.filter(({ permitted }) => permitted).length} permitted; ` +
      `during ${tied.length} of them nothing was being swapped`,
  );

  expect(tied.length).toBeGreaterThan(0);
  // What the one policy in force says is what happened, and what was permitted, and nothing else, has reached the device.
  expect(tied.filter(({ area, permitted, during }) => permitted !== (area === during))).toEqual([]);
  expect(asked.filter(({ area, permitted }) => area === "neither" && permitted)).toEqual([]);
  const permitted = new Set(asked.filter((one) => one.permitted).map(({ address, value }) => `${address} ${value}`));
  expect(reached).toEqual(permitted);
  for (const area of ["a", "b"] as const) {
    for (const outcome of [true, false]) {
      expect(
        asked.some((one) => one.area === area && one.permitted === outcome),
        `${area} ${outcome}`,
      ).toBe(true);
    }
  }

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
  expect(recorded).toBe(permitted.size);
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
  const running = startBuilt(context, ["up", folder.file, "--json"]);
  await running.ready("all");
  expect((await running.stop("SIGTERM")).code).toBe(0);
  expect(await verifyLog({ dir: folder.audit })).toMatchObject({ ok: true });
  const events = [...readRecords(folder.audit)]
    .filter(({ kind }) => kind === "policy")
    .map((record) => record["event"]);
  expect(events).not.toContain("damaged");
}, 300_000);

function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

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

/** True: done · false: exception 01, the one way in which a policy refuses. */
async function write(run: () => Promise<void>): Promise<boolean> {
  try {
    await run();
    return true;
  } catch (error) {
    if (!(error instanceof ModbusError) || !("exception" in error) || error.exception !== 1) throw error;
    return false;
  }
}
