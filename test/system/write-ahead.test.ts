/** A site that is killed while a device has a write and has not answered: that there was one is on record. */
import { once } from "node:events";
import { readFileSync, writeFileSync } from "node:fs";
import { createConnection, createServer, type Socket } from "node:net";
import { readRecords, verifyLog } from "@modwarden/audit";
import { expect, it } from "vitest";
import { createSiteFolder } from "../site/site-folder.ts";
import { modwarden, startBuilt } from "./support.ts";

it("kill -9 between a write and its answer leaves on record what was about to be sent", async (context) => {
  const sockets: Socket[] = [];
  const device = createServer((socket) => {
    socket.on("error", () => undefined);
    sockets.push(socket);
  });
  device.listen(0, "127.0.0.1");
  await once(device, "listening");
  const address = device.address();
  if (address === null || typeof address !== "object") throw new Error("the device does not listen");
  const folder = createSiteFolder(`modbus+tcp://127.0.0.1:${address.port}?unit=1`);
  context.onTestFinished(() => {
    for (const socket of sockets) socket.destroy();
    device.close();
    folder.remove();
  });
  writeFileSync(folder.file, readFileSync(folder.file, "utf8").replace("reads: each", "reads: each, writeAhead: true"));
  const added = ["identity", "add", "hmi", "--kind", "client", "--role", "Operator", "--site", folder.file];
  expect(await modwarden(added, { from: "built" })).toMatchObject({ code: 0 });

  const site = startBuilt(context, ["up", folder.file, "--json"]);
  const line = await site.line((text) => text.includes('"ready":"gateway"') && text.includes("modbus+tcp:"));
  const { port } = new URL((JSON.parse(line) as { url: string }).url.replace("modbus+tcp", "http"));
  await site.ready("all");
  const client = createConnection({ host: "127.0.0.1", port: Number(port) });
  client.on("error", () => undefined);
  context.onTestFinished(() => {
    client.destroy();
  });
  client.write(Buffer.from("000100000006" + "01" + "06" + "0005" + "04d2", "hex"));
  await expect.poll(() => sockets.length, { timeout: 20_000 }).toBeGreaterThan(0);
  await Promise.race(sockets.map((socket) => once(socket, "data")));
  await site.stop("SIGKILL");

  const transactions = [...readRecords(folder.audit)].filter(({ kind }) => kind === "transaction");
  expect(transactions).toMatchObject([
    {
      subject: { id: "hmi", role: "Operator" },
      accesses: [{ device: "device", address: 5, values: [1234], write: true }],
      decision: { permit: true, rules: ["low-registers"] },
      outcome: { result: "pending", intent: expect.any(Number) },
    },
  ]);
  expect(verifyLog({ dir: folder.audit })).toMatchObject({ ok: true });
});
