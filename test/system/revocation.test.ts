/** What a revocation is worth: how soon it is in effect on sessions that are open, new and resumed. */
import { readFileSync, writeFileSync } from "node:fs";
import { createConnection, type Socket } from "node:net";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { type ConnectionOptions, connect as connectTls, type TLSSocket } from "node:tls";
import { readRecords } from "@modwarden/audit";
import { enrolInto, type LoadedIdentity, loadIdentity } from "@modwarden/identity";
import {
  createMemoryHandler,
  createServer,
  formatModbusUrl,
  type ModbusServer,
  parseModbusUrl,
} from "@modwarden/modbus";
import { loadSite, type RunningSite, siteCommand, startSite } from "@modwarden/server";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createSiteFolder, type SiteFolder } from "../site/site-folder.ts";

const BAR_MS = 1_000;
/** Others in the registry, none of whom a revocation is about. */
const REGISTERED = 10_000;
const VERSIONS = ["TLSv1.2", "TLSv1.3"] as const;
const PLAIN_ADDRESS = "127.0.0.2";
const READ = Buffer.from("000100000006010300000001", "hex");
const ANSWERED = "0001000000050103020000";

interface Session {
  readonly socket: Socket;
  /** What came back, hex. */
  ask(): Promise<string>;
  /** When it was closed, as `performance.now`. */
  readonly closed: Promise<number>;
}

let device: ModbusServer;
let folder: SiteFolder;
let site: RunningSite;
let ports: readonly number[];
const sockets: Socket[] = [];

beforeAll(async () => {
  device = createServer(createMemoryHandler());
  const at = await device.listen("modbus+tcp://127.0.0.1:0");
  folder = createSiteFolder(`${formatModbusUrl(at)}?unit=1`);
  const text = readFileSync(folder.file, "utf8");
  writeFileSync(folder.file, text.replace("127.0.0.1/32: hmi", `127.0.0.1/32: hmi, ${PLAIN_ADDRESS}/32: legacy`));
  for (const id of ["hmi", "legacy"]) {
    await siteCommand(loadSite(folder.file), "identity.add", { id, kind: "client", role: "Operator" });
  }
  fillRegistry(join(folder.dir, "data", "registry.sqlite"));
  site = await startSite(loadSite(folder.file), {
    version: "0.0.0",
    consoleDir: folder.dir,
    onReady: () => undefined,
    onNotice: () => undefined,
  });
  ports = site.urls.gateway.map((url) => parseModbusUrl(url).port);
});
afterAll(async () => {
  for (const socket of sockets) socket.destroy();
  await site.stop();
  folder.remove();
  await device.close();
});

/** Clients with certificates that nobody holds, straight into the table: how they came in is not what is measured. */
function fillRegistry(file: string): void {
  const database = new DatabaseSync(file);
  const now = Date.now();
  database.exec("begin");
  const identity = database.prepare(
    `insert into identity (id, kind, role, state, claims, names, registered, changed, fingerprint, certificate_lifetime_ms)
     values (?, 'client', 'Viewer', 'active', '{}', '[]', ?, ?, ?, 1)`,
  );
  const certificate = database.prepare(
    `insert into certificate (fingerprint, identity_id, serial_number, chain, issued, expires)
     values (?, ?, ?, '', ?, ?)`,
  );
  for (let index = 0; index < REGISTERED; index += 1) {
    const fingerprint = index.toString(16).padStart(64, "0");
    identity.run(`other-${index}`, now, now, fingerprint);
    certificate.run(fingerprint, `other-${index}`, `f${index}`, now, now + 86_400_000);
  }
  database.exec("commit");
  database.close();
}

async function enrolled(name: string): Promise<LoadedIdentity> {
  const created = (await site.command("key.create", { kind: "client", roles: ["Operator"] })) as {
    readonly key: string;
    readonly pin: string;
  };
  const dir = join(folder.dir, name);
  await enrolInto(dir, { url: site.urls.enrolment ?? "", key: created.key, pin: created.pin, name });
  return loadIdentity(dir);
}

function sessionOf(socket: Socket): Session {
  sockets.push(socket);
  socket.on("error", () => undefined);
  const closed = new Promise<number>((resolve) => socket.once("close", () => resolve(performance.now())));
  return {
    socket,
    closed,
    async ask() {
      const answer = new Promise<string>((resolve) =>
        socket.once("data", (bytes: Buffer) => resolve(bytes.toString("hex"))),
      );
      socket.write(READ);
      return await Promise.race([answer, closed.then(() => "closed")]);
    },
  };
}

function plain(): Session {
  return sessionOf(createConnection({ host: "127.0.0.1", port: ports[1] ?? 0, localAddress: PLAIN_ADDRESS }));
}

function secure(
  { key, cert, ca }: LoadedIdentity,
  version: (typeof VERSIONS)[number],
  { session, from = "127.0.0.1" }: { readonly session?: Buffer; readonly from?: string } = {},
): Session & { readonly socket: TLSSocket } {
  const options: ConnectionOptions & { readonly localAddress: string } = {
    host: "127.0.0.1",
    localAddress: from,
    port: ports[0] ?? 0,
    key,
    cert,
    ca,
    minVersion: version,
    maxVersion: version,
    ...(session === undefined ? {} : { session }),
  };
  const socket = connectTls(options);
  return { ...sessionOf(socket), socket };
}

/** A ticket or session id that the gateway gave to `holder`. */
async function ticketOf(holder: LoadedIdentity, version: (typeof VERSIONS)[number]): Promise<Buffer> {
  const first = secure(holder, version);
  const ticket = new Promise<Buffer>((resolve) => first.socket.once("session", resolve));
  expect(await first.ask()).toBe(ANSWERED);
  const session = await ticket;
  first.socket.destroy();
  const again = secure(holder, version, { session });
  expect(await again.ask()).toBe(ANSWERED);
  expect(again.socket.isSessionReused()).toBe(true);
  again.socket.destroy();
  return session;
}

/** Runs a command through the control socket, as another process would; resolves with how long the effect took. */
async function effectOf(command: string, id: string, sessions: readonly Session[]): Promise<number> {
  const began = performance.now();
  const closings = Promise.all(sessions.map(({ closed }) => closed));
  await siteCommand(loadSite(folder.file), command, { id });
  const last = Math.max(...(await closings));
  console.log(
    `${command} of one among ${REGISTERED}: ${sessions.length} sessions ended ${(last - began).toFixed(0)} ms after the command began`,
  );
  return last - began;
}

/** What the log says of connections from an address: rule and evidence. */
function findings(from: string): readonly (readonly [string, string])[] {
  return [...readRecords(folder.audit)].flatMap((record) => {
    const { source } = (record["location"] ?? {}) as { readonly source?: string };
    if (record.kind !== "finding" || source?.startsWith(`${from}:`) !== true) return [];
    const { rule, evidence } = record["finding"] as { readonly rule: string; readonly evidence: string };
    return [[rule, evidence] as const];
  });
}

describe("who was revoked or suspended", () => {
  it.each(["revoke", "suspend"])(
    "%s: 50 sessions end within a second, others stay, nothing new or resumed gets in",
    async (step) => {
      // Each from an address of its own: the log counts what one address does too often instead of telling it.
      const from = step === "revoke" ? "127.0.0.3" : "127.0.0.4";
      const holder = await enrolled(`holder-${step}`);
      const bystander = await enrolled(`bystander-${step}`);
      const tickets = await Promise.all(VERSIONS.map((version) => ticketOf(holder, version)));
      const theirs = Array.from({ length: 50 }, (_, index) =>
        secure(holder, VERSIONS[index % 2] ?? "TLSv1.3", { from }),
      );
      const others = [...VERSIONS.map((version) => secure(bystander, version)), plain()];
      expect(new Set(await Promise.all([...theirs, ...others].map(({ ask }) => ask())))).toEqual(new Set([ANSWERED]));

      expect(await effectOf(`identity.${step}`, `holder-${step}`, theirs)).toBeLessThan(BAR_MS);

      expect(await Promise.all(others.map(({ ask }) => ask()))).toEqual([ANSWERED, ANSWERED, ANSWERED]);
      for (const [index, version] of VERSIONS.entries()) {
        expect(await secure(holder, version, { from }).ask()).toBe("closed");
        expect(await secure(holder, version, { session: tickets[index]!, from }).ask()).toBe("closed");
      }
      const evidence = `the identity is ${step === "revoke" ? "revoked" : "suspended"}`;
      await expect.poll(() => findings(from)).toContainEqual(["identity-revoked", evidence]);
      // New and resumed: the registry says who it was.
      const turnedAway = (): (readonly [string, string])[] =>
        findings(from).filter(([rule]) => rule === "identity-refused" || rule === "handshake-refused");
      await expect.poll(turnedAway).toHaveLength(2 * VERSIONS.length);
      for (const refusal of turnedAway()) expect(refusal).toEqual(["identity-refused", evidence]);
    },
  );

  it("of plain clients: 50 sessions end within a second, and the address opens no new one", async () => {
    const theirs = Array.from({ length: 50 }, plain);
    expect(new Set(await Promise.all(theirs.map(({ ask }) => ask())))).toEqual(new Set([ANSWERED]));
    expect(await effectOf("identity.suspend", "legacy", theirs)).toBeLessThan(BAR_MS);
    expect(await plain().ask()).toBe("closed");
    await siteCommand(loadSite(folder.file), "identity.resume", { id: "legacy" });
    expect(await plain().ask()).toBe(ANSWERED);
  });
});

describe(`with ${REGISTERED} in the registry`, () => {
  it("changes cost no more than a few: enrolments and registrations go on at their pace", async () => {
    const began = performance.now();
    const many = 100;
    await Promise.all(
      Array.from({ length: many }, (_, index) =>
        site.command("identity.add", { id: `late-${index}`, kind: "client", role: "Viewer" }),
      ),
    );
    const each = (performance.now() - began) / many;
    console.log(`${many} registrations, each in force before it was answered: ${each.toFixed(1)} ms each`);
    expect((await site.command("identity.list", {})) as unknown[]).toHaveLength(REGISTERED + many + 8);
  });
});
