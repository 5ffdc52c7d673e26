import { join } from "node:path";
import { readRecords } from "@modwarden/audit";
import { answerIdentification, connect, createMemoryHandler, createServer, type ModbusServer } from "@modwarden/modbus";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { createSiteFolder, type SiteFolder } from "./testing/site-folder.ts";

let folder: SiteFolder;
let device: ModbusServer | undefined;
beforeEach(async () => {
  folder = await createSiteFolder();
});
afterEach(async () => {
  await device?.close();
  device = undefined;
  await folder.remove();
});

/** Puts a device of this product code behind the port, in place of the one before. */
async function plugIn(productCode: string, port: number): Promise<number> {
  await device?.close();
  const objects = new Map(
    [
      [0, "ACME"],
      [1, productCode],
      [2, "1.0"],
    ].map(([id, text]) => [Number(id), Buffer.from(String(text))]),
  );
  device = createServer({
    ...createMemoryHandler(),
    "read-device-identification": (request) => answerIdentification(request, objects),
  });
  return (await device.listen(`modbus+tcp://127.0.0.1:${port}`)).port;
}

describe("a device that cannot enrol", () => {
  it("is known by what it is; another in its place is found, recorded and barred until it is accepted", async () => {
    const port = await plugIn("PM-1", 0);
    const change = (text: string): string =>
      text.replace(/at: "[^"]*" \}/, `at: "modbus+tcp://127.0.0.1:${port}?unit=1", fingerprint: { onDrift: bar } }`);
    const first = await folder.start(change);
    const shown = (): Promise<unknown> => first.command("identity.fingerprint.show", { id: "device" });
    await expect.poll(shown).toMatchObject({ accepted: { objects: { 1: "PM-1" }, serverId: null } });
    await first.stop();

    await plugIn("PM-2", port);
    const second = await folder.start(change);
    try {
      await second.command("identity.add", { id: "hmi", kind: "client", role: "Viewer" });
      await expect
        .poll(() => second.command("identity.show", { id: "device" }))
        .toMatchObject({ state: "suspended", reason: "drift" });
      const client = await connect(second.urls.gateway[1] ?? "", { unit: 1, timeoutMs: 2_000 });
      await expect(client.readHoldingRegisters(0, 1)).rejects.toMatchObject({ exception: 10 });
      await second.command("identity.accept-fingerprint", { id: "device" });
      expect(await client.readHoldingRegisters(0, 1)).toEqual(Uint16Array.of(0));
      await client.close();
    } finally {
      await second.stop();
    }
    expect(folder.notices).toEqual([expect.stringContaining('"PM-1"')]);
    const records = [...readRecords(join(folder.data, "audit"))];
    expect(records.filter(({ kind }) => kind === "finding")).toMatchObject([
      { device: "device", finding: { rule: "device-drift", severity: "high" } },
    ]);
    const events = records.filter(({ kind, id }) => kind === "identity" && id === "device");
    expect(events.map((record) => record["event"])).toEqual([
      "added",
      "fingerprinted",
      "drifted",
      "suspended",
      "fingerprinted",
      "resumed",
    ]);
  });
});
