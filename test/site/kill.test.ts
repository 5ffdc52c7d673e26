import { readFileSync } from "node:fs";
import { createConnection } from "node:net";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { readRecords, verifyLog } from "@modwarden/audit";
import { connect, createMemoryHandler, createServer, formatModbusUrl, type ModbusServer } from "@modwarden/modbus";
import { loadSite, siteCommand } from "@modwarden/server";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { modwarden, startModwarden } from "../cli/modwarden.ts";
import { createSiteFolder, type SiteFolder } from "./site-folder.ts";

/** A few in `npm test`, so that it stays short; as many as are asked for where the system tests run. */
const KILLS = Number(process.env["KILLS"] ?? "3");
const LOAD_MS = 400;
const CLIENTS = 4;

let device: ModbusServer;
let site: SiteFolder;
beforeAll(async () => {
  device = createServer(createMemoryHandler());
  const at = await device.listen("modbus+tcp://127.0.0.1:0");
  site = createSiteFolder(`${formatModbusUrl(at)}?unit=1`);
  const added = await modwarden([
    "identity",
    "add",
    "hmi",
    "--kind",
    "client",
    "--role",
    "Operator",
    "--site",
    site.file,
  ]);
  expect(added.stderr).toBe("");
  expect(added.code).toBe(0);
}, 60_000);
afterAll(async () => {
  site.remove();
  await device.close();
});

/** Permitted reads and writes and refused writes, until the gateway is gone. Returns how many were answered. */
async function load(url: string): Promise<number> {
  let answered = 0;
  const client = await connect(url, { timeoutMs: 2_000, outstanding: 4 });
  const ask = async (): Promise<void> => {
    for (let round = 0; ; round += 1) {
      const requests = [
        client.readHoldingRegisters(0, 10, { unit: 1 }),
        client.writeRegister(round % 100, round % 65_536, { unit: 1 }),
        // Outside what the policy permits: on record before it is answered.
        client.writeRegister(200, 1, { unit: 1 }).catch((error: { code?: string }) => {
          if (error.code !== "ERR_MODBUS_EXCEPTION") throw error;
        }),
      ];
      const settled = await Promise.allSettled(requests);
      answered += settled.filter(({ status }) => status === "fulfilled").length;
      if (settled.some(({ status }) => status === "rejected")) return;
    }
  };
  await ask();
  await client.close();
  return answered;
}

/** Registers, suspends and resumes through the control socket, several at a time, until the site is gone. */
async function churn(kill: number): Promise<number> {
  const socket = createConnection({ path: join(site.dir, "data", "control.sock") });
  socket.on("error", () => undefined);
  let asked = 0;
  const ask = (command: string, parameters: unknown): void => {
    asked += 1;
    socket.write(`${JSON.stringify({ id: asked, command, parameters })}\n`);
  };
  const next = (): void => {
    const id = `k${kill}-${asked}`;
    ask("identity.add", { id, kind: "client", role: "Viewer" });
    ask("identity.suspend", { id });
    ask("key.create", { kind: "client", roles: ["Viewer"] });
  };
  let answered = 0;
  let carry = "";
  socket.setEncoding("utf8").on("data", (chunk: string) => {
    const lines = (carry + chunk).split("\n");
    carry = lines.pop() ?? "";
    answered += lines.length;
    if (answered === asked) next();
  });
  next();
  // A reset is an end as well.
  await new Promise((resolve) => socket.once("close", resolve));
  return answered;
}

/** The numbers of what the registry says has happened, and of what the log has of it, each in its order. */
function edges(): { readonly registry: readonly number[]; readonly log: readonly unknown[] } {
  const database = new DatabaseSync(join(site.dir, "data", "registry.sqlite"), { readOnly: true });
  const rows = database.prepare("select edge from event order by edge").all() as { readonly edge: number }[];
  database.close();
  const records = [...readRecords(site.audit)].filter(({ kind }) => kind === "identity" || kind === "enrolment");
  return { registry: rows.map(({ edge }) => edge), log: records.map((record) => record["edge"]) };
}

function checkpoints(): string[] {
  return readFileSync(join(site.audit, "checkpoints.jsonl"), "utf8").split("\n").slice(0, -1);
}

describe("a gateway that is killed under load", () => {
  it(`${KILLS} times keeps every record that a checkpoint covered, and has every change of the registry exactly once`, async () => {
    let answered = 0;
    let changed = 0;
    let covered = 0;
    for (let kill = 1; kill <= KILLS; kill += 1) {
      const running = startModwarden(["up", site.file, "--json"], { from: "built" });
      await running.ready("all");
      // The first listener is TLS.
      const plain = await running.line((line) => line.includes("modbus+tcp://"));
      const { url } = JSON.parse(plain) as { url: string };
      const clients = Array.from({ length: CLIENTS }, () => load(url));
      const changes = churn(kill);
      await new Promise((resolve) => setTimeout(resolve, LOAD_MS + 37 * kill));
      const before = checkpoints();
      covered = (JSON.parse(before.at(-1) ?? "{}") as { size: number }).size;
      await running.stop("SIGKILL");
      answered += (await Promise.all(clients)).reduce((sum, count) => sum + count, 0);
      changed += await changes;
      // What the dead process had not told the log is told by whoever comes next, also a command alone.
      if (kill % 2 === 0) {
        await siteCommand(loadSite(site.file), "identity.add", { id: `after-${kill}`, kind: "client", role: "Viewer" });
        const { registry, log } = edges();
        expect(log).toEqual(registry);
      }
      const verified = await verifyLog({ dir: site.audit });
      expect(verified).toMatchObject({ ok: true });
      // What was promised is still there, to the letter.
      expect(checkpoints().slice(0, before.length)).toEqual(before);
      expect(verified.ok && verified.records).toBeGreaterThanOrEqual(covered);
    }
    expect(answered).toBeGreaterThan(KILLS * CLIENTS);
    expect(changed).toBeGreaterThan(KILLS);

    const running = startModwarden(["up", site.file, "--json"], { from: "built" });
    await running.ready("all");
    const { code } = await running.stop("SIGTERM");
    expect(code).toBe(0);
    expect(await verifyLog({ dir: site.audit })).toMatchObject({ ok: true, pending: 0 });
    const events = [...readRecords(site.audit)]
      .filter(({ kind }) => kind === "system")
      .map((record) => record["event"]);
    expect(events.filter((event) => event === "start").length).toBe(KILLS + 2 + Math.floor(KILLS / 2));
    expect(events.at(-1)).toBe("stop");
    // Every change of the registry is on record exactly once, in its order.
    const { registry, log } = edges();
    expect(registry.length).toBeGreaterThan(changed);
    expect(log).toEqual(registry);
  }, 240_000);
});
