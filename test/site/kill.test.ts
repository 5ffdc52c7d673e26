import { readFileSync } from "node:fs";
import { join } from "node:path";
import { readRecords, verifyLog } from "@modwarden/audit";
import { connect, createMemoryHandler, createServer, formatModbusUrl, type ModbusServer } from "@modwarden/modbus";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { modwarden, startModwarden } from "../cli/modwarden.ts";
import { createSiteFolder, type SiteFolder } from "./site-folder.ts";

/** A few in `npm test`, so that it stays short; as many as are asked for where the system tests run. */
const KILLS = Number(process.env["KILLS"] ?? "5");
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

function checkpoints(): string[] {
  return readFileSync(join(site.audit, "checkpoints.jsonl"), "utf8").split("\n").slice(0, -1);
}

describe("a gateway that is killed under load", () => {
  it(`${KILLS} times keeps every record that a checkpoint covered, and a log that verifies`, async () => {
    let answered = 0;
    let covered = 0;
    for (let kill = 1; kill <= KILLS; kill += 1) {
      const running = startModwarden(["up", site.file, "--json"], { from: "built" });
      await running.ready("all");
      // The first listener is TLS.
      const plain = await running.line((line) => line.includes("modbus+tcp://"));
      const { url } = JSON.parse(plain) as { url: string };
      const clients = Array.from({ length: CLIENTS }, () => load(url));
      await new Promise((resolve) => setTimeout(resolve, LOAD_MS + 37 * kill));
      const before = checkpoints();
      covered = (JSON.parse(before.at(-1) ?? "{}") as { size: number }).size;
      await running.stop("SIGKILL");
      answered += (await Promise.all(clients)).reduce((sum, count) => sum + count, 0);
      const verified = await verifyLog({ dir: site.audit });
      expect(verified).toMatchObject({ ok: true });
      // What was promised is still there, to the letter.
      expect(checkpoints().slice(0, before.length)).toEqual(before);
      expect(verified.ok && verified.records).toBeGreaterThanOrEqual(covered);
    }
    expect(answered).toBeGreaterThan(KILLS * CLIENTS);

    const running = startModwarden(["up", site.file, "--json"], { from: "built" });
    await running.ready("all");
    const { code } = await running.stop("SIGTERM");
    expect(code).toBe(0);
    expect(await verifyLog({ dir: site.audit })).toMatchObject({ ok: true, pending: 0 });
    const events = [...readRecords(site.audit)]
      .filter(({ kind }) => kind === "system")
      .map((record) => record["event"]);
    expect(events.filter((event) => event === "start").length).toBe(KILLS + 2);
    expect(events.at(-1)).toBe("stop");
  }, 240_000);
});
