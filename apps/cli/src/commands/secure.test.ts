import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { enrolInto, type IdentityService, openIdentity, startEnrolmentServer } from "@modwarden/identity";
import { createMemoryHandler, createServer, type ModbusServer } from "@modwarden/modbus";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { runHere } from "../testing/terminal.ts";

const folder = mkdtempSync(join(tmpdir(), "modwarden-cli-"));
const open: (() => Promise<unknown>)[] = [];
let url: string;

beforeAll(async () => {
  const plant = await authority("plant");
  const stranger = await authority("stranger");
  await enrolled(plant, "hmi");
  await enrolled(stranger, "other");
  const { key, chain } = await plant.issueServerCertificate({ id: "gw1", kind: "gateway", names: ["localhost"] });
  const server: ModbusServer = createServer(createMemoryHandler(), { tls: { key, cert: chain, ca: plant.root } });
  open.push(() => server.close());
  const { port } = await server.listen("modbus+tls://127.0.0.1:0");
  url = `modbus+tls://localhost:${port}`;
});
afterAll(async () => {
  for (const close of open.reverse()) await close();
  rmSync(folder, { recursive: true });
});

async function authority(name: string): Promise<IdentityService> {
  const service = await openIdentity({ dir: join(folder, name), now: () => new Date() });
  open.push(() => service.close());
  return service;
}

async function enrolled(service: IdentityService, name: string): Promise<void> {
  const { key, pin } = await service.keys.create({ kind: "client", roles: ["Viewer"] });
  const endpoint = await startEnrolmentServer({
    service,
    listen: "https://127.0.0.1:0",
    names: ["127.0.0.1"],
    now: () => new Date(),
  });
  await enrolInto(join(folder, `${name}-identity`), { url: endpoint.url, key, pin, name });
  await endpoint.close();
}

describe("requests over TLS", () => {
  const request = (identity: string, ...more: string[]) =>
    runHere(["read", url, "holding", "0", "--identity", join(folder, identity), "--json", ...more]);

  it("show who asks, and check who answers", async () => {
    expect(await request("hmi-identity")).toMatchObject({ code: 0, json: [{ registers: [0] }] });
  });

  it("end with 5 when one side does not accept the other's certificate", async () => {
    expect(await request("other-identity")).toMatchObject({
      code: 5,
      json: [{ error: { code: "ERR_MODBUS_REFUSED" } }],
    });
    const wrongName = await request("hmi-identity", "--server-name", "gw2.plant.example");
    expect(wrongName).toMatchObject({ code: 5, json: [{ error: { code: "ERR_MODBUS_REFUSED" } }] });
  });

  it("end with 2 for a folder that holds no identity", async () => {
    expect(await request("nobody")).toMatchObject({ code: 2, json: [{ error: { code: "ERR_IDENTITY_MISSING" } }] });
  });
});
