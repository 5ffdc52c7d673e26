/** A registry whose audit log has no room: what was changed is in force, and is on record when there is room again. */
import { execFileSync } from "node:child_process";
import { mkdirSync, rmSync, statfsSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { readRecords, verifyLog } from "@modwarden/audit";
import { connect, createMemoryHandler, createServer, formatModbusUrl } from "@modwarden/modbus";
import { loadSite, startSite } from "@modwarden/server";
import { expect } from "vitest";
import { createSiteFolder } from "../site/site-folder.ts";
import { systemTest } from "./support.ts";

systemTest(
  ["mount", "umount"],
  "a revocation takes effect while the audit log is full, and is on record afterwards",
  async (_, context) => {
    if (process.getuid?.() !== 0) context.skip("a full disk is tried only as root");
    const device = createServer(createMemoryHandler());
    const at = await device.listen("modbus+tcp://127.0.0.1:0");
    const folder = createSiteFolder(`${formatModbusUrl(at)}?unit=1`);
    mkdirSync(folder.audit, { recursive: true, mode: 0o700 });
    execFileSync("mount", ["-t", "tmpfs", "-o", "size=4m,mode=0700", "tmpfs", folder.audit]);
    const notices: string[] = [];
    const site = await startSite(loadSite(folder.file), {
      version: "0.0.0",
      consoleDir: folder.dir,
      onReady: () => undefined,
      onNotice: (notice) => notices.push(notice),
    });
    context.onTestFinished(async () => {
      await site.stop();
      execFileSync("umount", [folder.audit]);
      folder.remove();
      return device.close();
    });
    await site.command("identity.add", { id: "hmi", kind: "client", role: "Operator" });
    const client = await connect(site.urls.gateway[1] ?? "", { unit: 1, timeoutMs: 2_000 });
    await client.readHoldingRegisters(0, 1);

    const filler = join(folder.audit, "filler");
    const { bsize, bavail } = statfsSync(folder.audit);
    writeFileSync(filler, Buffer.alloc(bsize * bavail));
    // The last pages that the log has begun still take some.
    for (let index = 0; index < 200 && site.identity.events.undelivered === 0; index += 1) {
      await site.command("identity.add", { id: `filling-${index}`, kind: "client", role: "Viewer" });
    }
    expect(site.identity.events.undelivered).toBeGreaterThan(0);
    const began = performance.now();
    const revoked = site.command("identity.revoke", { id: "hmi" });
    await expect(client.readHoldingRegisters(0, 1)).rejects.toMatchObject({ code: "ERR_MODBUS_CLOSED" });
    console.log(`with a full disk: in effect ${(performance.now() - began).toFixed(0)} ms after the command began`);
    expect(await revoked).toMatchObject({ state: "revoked" });
    expect(site.identity.events.undelivered).toBeGreaterThan(1);
    const alarms = notices.length;
    expect(alarms).toBeGreaterThan(0);

    rmSync(filler);
    await expect.poll(() => site.identity.events.undelivered, { timeout: 10_000 }).toBe(0);
    // That it is over is told as well.
    await expect.poll(() => notices.length).toBeGreaterThan(alarms);
    const events = [...readRecords(folder.audit)].filter(({ id }) => id === "hmi").map((record) => record["event"]);
    expect(events).toEqual(["added", "revoked"]);
    await site.checkpoint();
    expect(await verifyLog({ dir: folder.audit })).toMatchObject({ ok: true });
  },
);
