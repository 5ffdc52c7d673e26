import { existsSync } from "node:fs";
import { join } from "node:path";
import { Worker } from "node:worker_threads";
import { readLines, readRecords, verifyLog } from "@modwarden/audit";
import { enrolInto, loadIdentity } from "@modwarden/identity";
import { type Client, connect } from "@modwarden/modbus";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { recordLook } from "../looks/record-look.ts";
import { startReceiver } from "../syslog/testing/receiver.ts";
import { siteCommand } from "./offline.ts";
import type { RunningSite } from "./running-site.ts";
import { createSiteFolder, type SiteFolder } from "./testing/site-folder.ts";

let folder: SiteFolder;
let running: RunningSite | undefined;
const clients: Client[] = [];
beforeEach(async () => {
  folder = await createSiteFolder();
});
afterEach(async () => {
  vi.restoreAllMocks();
  for (const client of clients.splice(0)) await client.close();
  await running?.stop().catch(() => undefined);
  running = undefined;
  await folder.remove();
});

async function start(): Promise<RunningSite> {
  running = await folder.start();
  return running;
}

async function open(url: string, options: Parameters<typeof connect>[1] = {}): Promise<Client> {
  const client = await connect(url, { unit: 1, timeoutMs: 2_000, ...options });
  clients.push(client);
  return client;
}

/** Enrols `name` through the endpoint and connects at once over TLS. */
async function enrolledClient(site: RunningSite, name: string): Promise<Client> {
  const created = (await site.command("key.create", { kind: "client", roles: ["Viewer"] })) as {
    key: string;
    pin: string;
  };
  const dir = join(folder.dir, name);
  await enrolInto(dir, { url: site.urls.enrolment ?? "", key: created.key, pin: created.pin, name });
  const { key, cert, ca } = loadIdentity(dir);
  return await open(site.urls.gateway[0] ?? "", { tls: { key, cert, ca } });
}

describe("a running site", () => {
  it("stops once however often it is told to, releases its folder, and starts again", async () => {
    const first = await start();
    const stops = [first.stop(), first.stop()];
    expect(stops[0]).toBe(stops[1]);
    await Promise.all(stops);
    await first.stop();
    expect(existsSync(join(folder.data, "control.sock"))).toBe(false);
    expect(await verifyLog({ dir: join(folder.data, "audit") })).toMatchObject({ ok: true, pending: 0 });
    const second = await start();
    expect(second.logFingerprint).toBe(first.logFingerprint);
    expect(folder.notices).toEqual([]);
    await expect(folder.start()).rejects.toMatchObject({ code: "ERR_SITE_LOCKED" });
    expect((await fetch(new URL("/readyz", second.urls.console))).status).toBe(200);
    const authorization = `Bearer ${new URL(second.urls.console ?? "").hash.slice("#token=".length)}`;
    const ask = async (path: string, body?: object): Promise<unknown> => {
      const headers = { authorization, "content-type": "application/json" };
      const post = body === undefined ? {} : { method: "POST", body: JSON.stringify(body) };
      return await (await fetch(new URL(path, second.urls.console), { headers, ...post })).json();
    };
    const { hash, history } = (await ask("/api/v1/policy")) as { readonly hash: string; readonly history: object[] };
    expect(history).toMatchObject([{ version: 1, hash, by: "start" }]);
    const asked = { as: "Viewer", unit: 1, function: 3, address: 0, quantity: 1 };
    expect(await ask("/api/v1/policy/explain", asked)).toEqual({ permit: true, rules: ["reads"], policy: hash });
    expect(await ask("/api/v1/policy/explain", { ...asked, as: "Nobody" })).toHaveProperty("error");
    // The log of both runs, through the thread of its index; that somebody looks is on record before it is answered.
    const started = "/api/v1/audit/search?kind=system&event=start";
    expect(await ask(started)).toMatchObject({
      records: [{ event: "start", clean: true }, { event: "start" }],
      next: null,
    });
    expect(await ask("/api/v1/audit/search?event=looked")).toMatchObject({ records: [{ query: { event: "start" } }] });
  });

  it("serves who has just enrolled, and closes who was revoked before the command returns", async () => {
    const site = await start();
    const client = await enrolledClient(site, "operator-1");
    expect(await client.readHoldingRegisters(0, 2)).toEqual(Uint16Array.of(0, 0));
    // Another policy is in force when its command returns, and so is the one before when it is rolled back.
    const nothing = { text: "policy: 1\nroles: [Viewer]\nrules: []\n", file: "nothing.yaml" };
    expect(await site.command("policy.apply", nothing)).toMatchObject({ version: 2, previous: 1 });
    await expect(client.readHoldingRegisters(0, 1)).rejects.toMatchObject({ exception: 1 });
    const operator = { kind: "client", roles: ["Operator"] };
    await expect(site.command("key.create", operator)).rejects.toMatchObject({ code: "ERR_ROLE_UNKNOWN" });
    expect(await site.command("policy.rollback", {})).toMatchObject({ version: 3, of: 1 });
    expect(await client.readHoldingRegisters(0, 1)).toEqual(Uint16Array.of(0));
    await site.command("identity.revoke", { id: "operator-1" });
    await expect(client.readHoldingRegisters(0, 1)).rejects.toMatchObject({ code: "ERR_MODBUS_CLOSED" });
  });

  it("keeps up with many changes at once", async () => {
    const site = await start();
    await Promise.all(
      Array.from({ length: 40 }, (_, index) =>
        site.command("identity.add", { id: index === 39 ? "hmi" : `c${index}`, kind: "client", role: "Viewer" }),
      ),
    );
    const client = await open(site.urls.gateway[1] ?? "");
    expect(await client.readHoldingRegisters(0, 1)).toEqual(Uint16Array.of(0));
    await site.command("identity.suspend", { id: "device" });
    await expect(client.readHoldingRegisters(0, 1)).rejects.toMatchObject({ exception: 10 });
    await site.command("identity.resume", { id: "device" });
    expect(await client.readHoldingRegisters(0, 1)).toEqual(Uint16Array.of(0));
  });

  it.each(["line", "recorder"])("whose %s thread dies says so and stops by itself", async (name) => {
    const posts = vi.spyOn(Worker.prototype, "postMessage");
    const site = await start();
    const asked = { line: "values", recorder: "status" }[name];
    const others = new Set<unknown>();
    await expect
      .poll(() => {
        for (const [index, [message]] of posts.mock.calls.entries()) {
          if ((message as { kind: string }).kind === "values") others.add(posts.mock.contexts[index]);
        }
        return others.size;
      })
      .toBe(1);
    const index = posts.mock.calls.findIndex(
      ([message], at) =>
        (message as { kind: string }).kind === asked && others.has(posts.mock.contexts[at]) === (name === "line"),
    );
    await (posts.mock.contexts[index] as Worker).terminate();
    expect(await site.failed).toMatchObject({ code: "ERR_THREAD_ENDED" });
    await site.stop();
    expect(folder.notices.length).toBeGreaterThan(0);
    await expect(site.command("identity.add", { id: "late", kind: "client" })).rejects.toThrow();
    const again = await start();
    await again.stop();
    expect(await verifyLog({ dir: join(folder.data, "audit") })).toMatchObject({ ok: true });
  });
});

describe("a site command", () => {
  it("does the same whether the site runs or not, with the same record", async () => {
    const site = folder.load();
    const add = (id: string, role?: string): Promise<unknown> =>
      siteCommand(site, "identity.add", { id, kind: "client", ...(role === undefined ? {} : { role }) });
    expect(await add("offline", "Viewer")).toMatchObject({ id: "offline", role: "Viewer", state: "active" });
    await expect(add("offline", "Viewer")).rejects.toMatchObject({ code: "ERR_IDENTITY_TAKEN" });
    await expect(add("no such id")).rejects.toMatchObject({ code: "ERR_IDENTITY_INVALID" });
    await expect(siteCommand(site, "status", {})).rejects.toMatchObject({ code: "ERR_SITE_STOPPED" });
    await expect(siteCommand(site, "nothing", {})).rejects.toMatchObject({ code: "ERR_CONTROL_COMMAND" });
    await recordLook(site, { action: "tail", query: { lines: 3 }, records: 3 });
    // What is recorded also goes to a receiver of syslog, its very end included.
    const receiver = await startReceiver();
    const syslog = `to: "tls://localhost:${receiver.port}", authority: ${receiver.authority}, format: json, from: start`;
    running = await folder.start((text) => `${text}audit: { syslog: { ${syslog} } }\n`);
    await recordLook(site, { action: "export" });
    expect(await add("online", "Viewer")).toMatchObject({ id: "online", role: "Viewer", state: "active" });
    await expect(add("online", "Viewer")).rejects.toMatchObject({ code: "ERR_IDENTITY_TAKEN" });
    await expect(add("no such id")).rejects.toMatchObject({ code: "ERR_IDENTITY_INVALID" });
    await expect(siteCommand(site, "key.create", { kind: "nobody" })).rejects.toMatchObject({
      code: "ERR_CONTROL_PARAMETERS",
    });
    expect(await siteCommand(site, "status", {})).toMatchObject({ site: "test" });
    await running!.stop();
    const added: unknown[] = [];
    const looked: unknown[] = [];
    for await (const record of readRecords(join(folder.data, "audit"))) {
      if (record["event"] === "added") added.push(record["id"]);
      if (record["event"] === "looked") looked.push([record["action"], record["by"]]);
    }
    expect(added).toEqual(["offline", "device", "online"]);
    expect(looked).toEqual(["tail", "export"].map((action) => [action, { operator: true }]));
    const sent = receiver.received.map(({ text }) => text);
    expect(sent).toEqual([...readLines(join(folder.data, "audit"))]);
    expect(receiver.received.every(({ host }) => host === "localhost")).toBe(true);
    await receiver.close();
  });
});
