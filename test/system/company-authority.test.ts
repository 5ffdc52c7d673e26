/** A whole site whose certificates a company's authority issues: from the site file to a read through the gateway. */
import { spawnSync } from "node:child_process";
import { createPublicKey, randomBytes } from "node:crypto";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { enrolInto, loadIdentity } from "@modwarden/identity";
import { connect, createMemoryHandler, createServer, formatModbusUrl, type ModbusServer } from "@modwarden/modbus";
import { loadSite, type RunningSite, startSite } from "@modwarden/server";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { keyPem, newKey } from "../../packages/identity/src/authority/key-file.ts";
import { type Company, openCompany } from "../../packages/identity/src/testing/company.ts";
import { createSiteFolder, type SiteFolder } from "../site/site-folder.ts";
import { systemTest } from "./support.ts";

let device: ModbusServer;
let company: Company;
let folder: SiteFolder;
let site: RunningSite;
const notices: string[] = [];

beforeAll(async () => {
  device = createServer(createMemoryHandler());
  company = await openCompany(Date.now);
  folder = createSiteFolder(`${formatModbusUrl(await device.listen("modbus+tcp://127.0.0.1:0"))}?unit=1`);
  writeFileSync(join(folder.dir, "company.pem"), company.root);
  writeFileSync(join(folder.dir, "est.txt"), `${company.password}\n`, { mode: 0o600 });
  const est = `authority:\n  est: { url: "${company.url}", anchors: company.pem, user: ${company.user}, passwordFile: est.txt }\n`;
  writeFileSync(folder.file, `${readFileSync(folder.file, "utf8")}${est}`);
  site = await startSite(loadSite(folder.file), {
    version: "0.0.0",
    consoleDir: folder.dir,
    onReady: () => undefined,
    onNotice: (notice) => notices.push(notice),
  });
});
afterAll(async () => {
  await site.stop();
  folder.remove();
  await company[Symbol.asyncDispose]();
  await device.close();
});

const newKeyOf = async (): Promise<{ readonly key: string; readonly pin: string }> =>
  (await site.command("key.create", { kind: "client", roles: ["Operator"] })) as { key: string; pin: string };

function gateway(): string {
  return site.urls.gateway.find((url) => url.startsWith("modbus+tls:")) ?? "";
}

describe("a site under a company's authority", () => {
  it("serves whom the company certified and the registry knows, until it is revoked here", async () => {
    const dir = join(folder.dir, "hmi-7");
    await enrolInto(dir, { ...(await newKeyOf()), url: site.urls.enrolment ?? "", name: "hmi-7" });
    const { key, cert, ca } = loadIdentity(dir);
    const client = await connect(gateway(), { unit: 1, timeoutMs: 5000, tls: { key, cert, ca } });
    expect(await client.readHoldingRegisters(0, 1)).toEqual(Uint16Array.of(0));
    await site.command("identity.revoke", { id: "hmi-7" });
    await expect(client.readHoldingRegisters(0, 1)).rejects.toMatchObject({ code: "ERR_MODBUS_CLOSED" });
    await client.close();
  });

  it("gives nothing to whom the company certified and the registry does not know", async () => {
    const stranger = newKey();
    const chain = await company.certify(
      { id: "hmi-7", kind: "client", role: "Operator", names: [] },
      createPublicKey(stranger),
    );
    const { root } = (await site.command("authority.show", {})) as { readonly root: string };
    const tls = { key: keyPem(stranger), cert: chain, ca: root };
    const client = await connect(gateway(), { unit: 1, timeoutMs: 5000, tls });
    await expect(client.readHoldingRegisters(0, 1)).rejects.toMatchObject({ exception: 1 });
    await client.close();
  });

  systemTest(["openssl"], "takes a request that openssl made as the page says, across an air gap", async () => {
    const page = readFileSync(fileURLToPath(new URL("../../docs/authority.md", import.meta.url)), "utf8");
    const command = /^openssl req -new [^`]*/m.exec(page)?.[0] ?? "";
    writeFileSync(join(folder.dir, "k.pem"), keyPem(newKey()), { mode: 0o600 });
    const made = spawnSync("bash", ["-euc", command], { cwd: folder.dir, encoding: "utf8" });
    expect(made.stderr).toBe("");
    const { key } = await newKeyOf();
    const request = JSON.stringify({ key, name: "hmi-2", csr: made.stdout });
    expect(await site.command("enrolment.sign", { request })).toMatchObject({ id: "hmi-2", state: "claimed" });
  });

  it("tells its operator when the company issues nothing", async () => {
    company.fault = { kind: "status", status: 503 };
    const dir = join(folder.dir, `late-${randomBytes(4).toString("hex")}`);
    const waiting = await enrolInto(dir, { ...(await newKeyOf()), url: site.urls.enrolment ?? "", name: "late" });
    expect(waiting).toMatchObject({ state: "pending", waitsFor: "authority" });
    await expect.poll(() => notices.join("\n")).toContain("late has no certificate yet");
  });
});
