import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { readRecords, verifyLog } from "@modwarden/audit";
import { enrolInto, loadIdentity } from "@modwarden/identity";
import { type Client, connect, createMemoryHandler, createServer, formatModbusUrl } from "@modwarden/modbus";
import { type Approval, approvalWith, loadSite, siteCommand } from "@modwarden/server";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { modwarden, type Running, startModwarden } from "../cli/modwarden.ts";
import { createSiteFolder, type SiteFolder } from "../site/site-folder.ts";

const CONTROL_WORD = 49_999;
const RESET = 1_279;

const memory = createMemoryHandler();
const device = createServer(memory);
const clients: Client[] = [];
let site: SiteFolder;
let running: Running;
let gateway: string;
let enrolment: string;

beforeAll(async () => {
  site = createSiteFolder(`${formatModbusUrl(await device.listen("modbus+tcp://127.0.0.1:0"))}?unit=1`);
  const text = readFileSync(site.file, "utf8").replace("profile: memory", "profile: danfoss-fc51");
  writeFileSync(site.file, text);
  writeFileSync(
    join(site.dir, "policy.yaml"),
    `policy: 1
roles: [Operator, Engineer]
rules:
  - { id: reads, permit: { roles: "*" }, units: [1], allow: [{ functions: [3] }] }
  - id: reset-needs-two
    permit: { roles: [Operator] }
    devices: [device]
    allow: [{ write: control_word, values: [1279, 1151] }]
    approval: { people: 2, ttl: 15m, by: [Engineer] }
`,
  );
  await start();
  for (const [name, role] of [
    ["hmi", "Operator"],
    ["ada", "Engineer"],
    ["ben", "Engineer"],
    ["cleo", "Engineer"],
  ] as const) {
    const created = (await command("key.create", { kind: "client", roles: [role] })) as { key: string; pin: string };
    await enrolInto(join(site.dir, name), { url: enrolment, key: created.key, pin: created.pin, name });
  }
}, 120_000);

afterAll(async () => {
  for (const client of clients) await client.close();
  await running.stop("SIGKILL");
  await device.close();
  site.remove();
});

async function start(): Promise<void> {
  running = startModwarden(["up", site.file, "--json"], { from: "built" });
  enrolment = await running.ready("enrolment");
  gateway = await running.ready("gateway");
  await running.ready("all");
}

/** Through the control socket of the site that runs, as the command line does it. */
async function command(name: string, parameters: object = {}): Promise<unknown> {
  return await siteCommand(loadSite(site.file), name, parameters);
}

interface Said {
  readonly code: number | null;
  readonly approval: Approval;
  readonly error?: { readonly code: string };
}

/** `modwarden approval …` by somebody: the holder of an identity over mTLS, or at the site's control socket. */
async function approval(by: string, ...args: readonly string[]): Promise<Said> {
  const who = by === "site" ? ["--site", site.file] : ["--identity", join(site.dir, by), "--url", enrolment];
  const { code, json } = await modwarden(["approval", ...args, ...who, "--json"], { from: "built" });
  const [document] = json as readonly (Approval & { readonly error?: { readonly code: string } })[];
  if (document === undefined) throw new Error(`approval ${args.join(" ")} says nothing`);
  const { error } = document;
  return { code, approval: document, ...(error === undefined ? {} : { error }) };
}

/** The same over the network without a process of its own. */
async function says(by: string, step: string, parameters: object = {}): Promise<Approval> {
  return (await approvalWith(loadIdentity(join(site.dir, by)), step, parameters, enrolment)) as Approval;
}

const reset = { device: "device", write: "control_word", value: RESET };

/** Asked for by hmi over the network, and approved by two who may. */
async function granted(): Promise<string> {
  const { id } = await says("hmi", "request", reset);
  await says("ada", "approve", { id });
  expect((await says("ben", "approve", { id })).state).toBe("granted");
  return id;
}

async function hmi(): Promise<Client> {
  const { key, cert, ca } = loadIdentity(join(site.dir, "hmi"));
  const client = await connect(gateway, { unit: 1, timeoutMs: 5_000, tls: { key, cert, ca } });
  clients.push(client);
  return client;
}

const refused = { code: "ERR_MODBUS_EXCEPTION", exception: 1 };

async function states(): Promise<Readonly<Record<string, string>>> {
  const all = (await command("approval.list")) as readonly Approval[];
  return Object.fromEntries(all.map(({ id, state }) => [id, state]));
}

describe("a write that two people have to approve", () => {
  it("is permitted once, to whom it was approved for, with the value that was approved", async () => {
    const client = await hmi();
    await expect(client.writeRegister(CONTROL_WORD, RESET)).rejects.toMatchObject(refused);
    const asked = await approval("hmi", "request", "--device", "device", "--write", `control_word=${RESET}`);
    expect(asked).toMatchObject({ code: 0, approval: { state: "open", subject: { id: "hmi" } } });
    const { id } = asked.approval;
    expect(await approval("hmi", "approve", id)).toMatchObject({ code: 5, error: { code: "ERR_APPROVAL_OWN" } });
    expect((await approval("ada", "approve", id.toLowerCase())).approval.rules).toMatchObject([{ approvals: 1 }]);
    expect(await approval("ada", "approve", id)).toMatchObject({ code: 5, error: { code: "ERR_APPROVAL_TWICE" } });
    await expect(client.writeRegister(CONTROL_WORD, RESET)).rejects.toMatchObject(refused);
    expect(await approval("site", "approve", id)).toMatchObject({ code: 0, approval: { state: "granted" } });

    await expect(client.writeRegister(CONTROL_WORD, 1_151)).rejects.toMatchObject(refused);
    await client.writeRegister(CONTROL_WORD, RESET);
    expect(await client.readHoldingRegisters(CONTROL_WORD, 1)).toEqual(Uint16Array.of(RESET));
    await expect(client.writeRegister(CONTROL_WORD, RESET)).rejects.toMatchObject(refused);
    await expect.poll(async () => (await states())[id]).toBe("used");
  }, 120_000);

  it("is not permitted any more when one who approved it is shut out, or somebody denies it", async () => {
    const client = await hmi();
    const denied = await granted();
    const no = await says("cleo", "deny", { id: denied, reason: "not now" });
    expect(no).toMatchObject({ state: "denied", reason: "not now" });
    await expect(client.writeRegister(CONTROL_WORD, RESET)).rejects.toMatchObject(refused);
    const id = await granted();
    await command("identity.suspend", { id: "ada" });
    expect((await states())[id]).toBe("void");
    await expect(client.writeRegister(CONTROL_WORD, RESET)).rejects.toMatchObject(refused);
    await expect(says("ada", "list")).rejects.toMatchObject({ code: "ERR_ENROLMENT_APPROVER" });
    await command("identity.resume", { id: "ada" });
  }, 120_000);

  it.each(["SIGTERM", "SIGKILL"] as const)(
    "does not outlive the site, however it ends (%s)",
    async (signal) => {
      const used = await granted();
      const { id: open } = (await command("approval.request", { ...reset, for: "hmi" })) as Approval;
      await running.stop(signal);
      await expect(command("approval.list")).rejects.toMatchObject({ code: "ERR_SITE_STOPPED" });
      await start();
      expect(await states()).toEqual({});
      const client = await hmi();
      await expect(client.writeRegister(CONTROL_WORD, RESET)).rejects.toMatchObject(refused);
      for (const id of [used, open]) {
        expect(await approval("ada", "approve", id)).toMatchObject({
          code: 1,
          error: { code: "ERR_APPROVAL_UNKNOWN" },
        });
      }
      const ofThem = (id: string): readonly unknown[] =>
        [...readRecords(site.audit)].filter((record) => record["approval"] === id).map((record) => record["event"]);
      const ending = signal === "SIGTERM" ? ["void"] : [];
      expect(ofThem(used)).toEqual(["requested", "approved", "approved", "granted", ...ending, "refused"]);
      expect(ofThem(open)).toEqual(["requested", ...ending, "refused"]);
    },
    60_000,
  );

  it("leaves every step of everybody in a log that verifies", async () => {
    expect((await running.stop("SIGTERM")).code).toBe(0);
    expect(await verifyLog({ dir: site.audit })).toMatchObject({ ok: true });
    const records = [...readRecords(site.audit)];
    const steps = records.filter(({ kind }) => kind === "approval");
    const events = new Set(steps.map((record) => record["event"]));
    expect(events).toEqual(new Set(["requested", "refused", "approved", "granted", "used", "denied", "void"]));
    expect(steps.find((record) => record["event"] === "requested")).toMatchObject({
      by: { id: "hmi", role: "Operator" },
      subject: { id: "hmi", role: "Operator" },
      device: "device",
      accesses: [{ table: "holding", address: CONTROL_WORD, values: [RESET], points: ["control_word"] }],
    });
    // The one write that reached the device was permitted by the rule that asks for two.
    const written = records.filter(({ kind, operation, decision }) => {
      const permitted = (decision as { readonly permit?: boolean } | undefined)?.permit === true;
      return kind === "transaction" && permitted && (operation as { readonly function: number }).function === 6;
    });
    expect(written).toMatchObject([{ decision: { rules: ["reset-needs-two"] } }]);
  }, 120_000);
});
