import { spawn } from "node:child_process";
import { generateKeyPairSync } from "node:crypto";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createRequest, type IdentityService, openIdentity } from "@modwarden/identity";
import { createMemoryHandler, createServer, formatModbusUrl, type ModbusServer } from "@modwarden/modbus";
import { afterAll, beforeAll, describe, expect, type TestContext } from "vitest";
import { createTestAuthority } from "../../packages/modbus/src/testing/certificates.ts";
import { createSiteFolder, type SiteFolder } from "../site/site-folder.ts";
import { modwarden, startBuilt, systemTest } from "./support.ts";

/** `openssl s_client` at the door of a running site: who is let in, who is not, and what the site's log says of it. */
const DAY_MS = 86_400_000;
//                          tx id protocol length unit fc address quantity
const request = Uint8Array.of(0, 1, /**/ 0, 0, /**/ 0, 6, 1, 3, 0, 0, 0, 1);
const answered = "0001000000050103020000";

let device: ModbusServer;
let site: SiteFolder;
let folder: string;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "modwarden-matrix-"));
  device = createServer(createMemoryHandler());
  site = createSiteFolder(`${formatModbusUrl(await device.listen("modbus+tcp://127.0.0.1:0"))}?unit=1`);
  mkdirSync(join(site.dir, "data"), { mode: 0o700 });
  // The authority is a month old, so that it can have issued what has ended since.
  let days = -30;
  const service = await openIdentity({
    dir: join(site.dir, "data"),
    now: () => new Date(Date.now() + days * DAY_MS),
    deliver: () => Promise.resolve(),
  });
  for (const name of ["good", "revoked", "resumed-tls1_2", "resumed-tls1_3"]) await enrol(service, name, 90);
  days = -10;
  await enrol(service, "expired", 5);
  await service.close();
  const stranger = createTestAuthority("stranger").issue({ name: "good" });
  writeFileSync(join(folder, "stranger.key"), stranger.key);
  writeFileSync(join(folder, "stranger.pem"), stranger.cert);
});
afterAll(async () => {
  site.remove();
  rmSync(folder, { recursive: true, force: true });
  await device.close();
});

/** A client with its key and chain in files. */
async function enrol(service: IdentityService, name: string, lifetimeDays: number): Promise<void> {
  const { privateKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
  const certificateLifetimeMs = lifetimeDays * DAY_MS;
  const { key } = await service.keys.create({ kind: "client", roles: ["Operator"], certificateLifetimeMs });
  const csr = await createRequest(privateKey, name);
  const enrolled = await service.enrol({ key, csr, name, source: "127.0.0.1" });
  if (enrolled.state !== "claimed") throw new Error(`expected a certificate, got ${enrolled.state}`);
  await service.confirm(enrolled.fingerprint);
  writeFileSync(join(folder, `${name}.key`), privateKey.export({ type: "pkcs8", format: "pem" }));
  writeFileSync(join(folder, `${name}.pem`), enrolled.chain);
}

interface Asked {
  /** The reply to the request in hex; empty when there was none. */
  readonly reply: string;
  /** What s_client said. */
  readonly said: string;
}

/** One handshake of s_client and, when it stands, one request; `line` goes to its own commands instead. */
function ask(openssl: string, port: string, args: readonly string[], line?: string): Promise<Asked> {
  return new Promise((resolve) => {
    const quiet = line === undefined ? ["-quiet", "-no_ign_eof"] : [];
    const child = spawn(openssl, ["s_client", "-connect", `127.0.0.1:${port}`, ...quiet, ...args]);
    let reply = "";
    let said = "";
    const giveUp = setTimeout(() => child.kill("SIGKILL"), 15_000);
    child.stdin.on("error", () => undefined);
    child.stdout.on("data", (chunk: Buffer) => {
      if (line === undefined) reply += chunk.toString("hex");
      said += chunk.toString("latin1");
      if (reply.length >= answered.length) child.stdin.end();
    });
    child.stderr.on("data", (chunk: Buffer) => {
      said += chunk.toString("latin1");
    });
    child.on("close", () => {
      clearTimeout(giveUp);
      resolve({ reply, said });
    });
    child.stdin.write(line ?? request);
  });
}

const as = (name: string): string[] => {
  const [chain, key] = [join(folder, `${name}.pem`), join(folder, `${name}.key`)];
  return ["-cert", chain, "-key", key, "-cert_chain", chain];
};

interface Finding {
  readonly rule: string;
  readonly evidence: string;
}

/** The findings in the site's log, the oldest first. */
function findings(): readonly Finding[] {
  return readdirSync(site.audit)
    .filter((name) => name.endsWith(".jsonl") && /^\d+/.test(name))
    .sort()
    .flatMap((name) => readFileSync(join(site.audit, name), "utf8").split("\n"))
    .filter((line) => line.includes('"kind":"finding"'))
    .map((line) => (JSON.parse(line) as { readonly finding: Finding }).finding);
}

async function up(context: TestContext): Promise<string> {
  const running = startBuilt(context, ["up", site.file, "--json"]);
  await running.ready("all");
  const line = await running.line((text) => text.includes("modbus+tls://"));
  return new URL((JSON.parse(line) as { url: string }).url).port;
}

const revoke = async (id: string): Promise<void> => {
  const { code, stderr } = await modwarden(["identity", "revoke", id, "--site", site.file], { from: "built" });
  expect(code, stderr).toBe(0);
};

describe("openssl s_client at a gateway", () => {
  systemTest(
    ["openssl"],
    "is let in or not as Modbus/TCP Security says, with the reason in the log",
    async ([openssl], context) => {
      const port = await up(context);
      let seen = 0;
      /** Asks, and returns the reply and what the log has of it since the last time. */
      const tried = async (
        args: readonly string[],
        line?: string,
      ): Promise<Asked & { readonly found: () => Finding[] }> => {
        seen = findings().length;
        return { ...(await ask(openssl, port, args, line)), found: () => findings().slice(seen) };
      };
      /** `reason`: the finding's rule and evidence. Returns what s_client said. */
      const refused = async (args: readonly string[], reason: RegExp): Promise<string> => {
        const { reply, said, found } = await tried(args);
        expect(reply, args.join(" ")).toBe("");
        await expect.poll(found, { timeout: 10_000, message: args.join(" ") }).toHaveLength(1);
        const [{ rule, evidence } = { rule: "", evidence: "" }] = found();
        expect(`${rule}: ${evidence}`).toMatch(reason);
        return said;
      };
      const noSuite = /^handshake-refused: no shared cipher$/;
      const outAtOnce = /^identity-refused: the identity is revoked$/;
      const weak = (suites: string): string[] => ["-tls1_2", "-cipher", `${suites}:@SECLEVEL=0`, ...as("good")];

      const noCertificate = { "-tls1_2": /alert number 40\b/, "-tls1_3": /alert number 116\b/ };
      for (const version of ["-tls1_2", "-tls1_3"] as const) {
        expect(await tried([version, ...as("good")])).toMatchObject({ reply: answered });
        const alert = await refused([version], /^handshake-refused: peer did not return a certificate$/);
        expect(alert).toMatch(noCertificate[version]);
        await refused([version, ...as("stranger")], /^handshake-refused: (SELF_SIGNED|UNABLE_TO)/);
        await refused([version, ...as("expired")], /^handshake-refused: CERT_HAS_EXPIRED$/);
        // The whole chain is sent, its root included.
        const { said } = await ask(openssl, port, [version, "-showcerts", ...as("good")], "Q\n");
        expect(said.match(/BEGIN CERTIFICATE/g)).toHaveLength(3);
      }
      const older = ["-tls1_1", "-cipher", "DEFAULT:@SECLEVEL=0", ...as("good")];
      expect(await refused(older, /^handshake-refused: unsupported protocol$/)).toMatch(/alert protocol version/);
      for (const suites of ["NULL-SHA256", "ECDHE-ECDSA-NULL-SHA", "AES128-SHA", "ECDHE-ECDSA-AES128-SHA"]) {
        await refused(weak(suites), noSuite);
      }
      await refused(weak("ADH-AES128-GCM-SHA256"), noSuite);

      // Fragments of 512 bytes are agreed to, and the request is served.
      const small = ["-tls1_2", "-maxfraglen", "512", ...as("good")];
      expect(await tried(small)).toMatchObject({ reply: answered });
      const told = await tried([...small, "-tlsextdebug"], "Q\n");
      expect(told.said).toMatch(/server extension "max fragment length"/);

      // `R` asks for a renegotiation: it is indicated as secure, and ends the connection.
      const again = await tried(["-tls1_2", ...as("good")], "R\n");
      expect(again.said).toMatch(/Secure Renegotiation IS supported/);
      expect(again.said).toMatch(/Compression: NONE/);
      await expect.poll(again.found, { timeout: 10_000 }).toMatchObject([{ rule: "tls-violation" }]);

      // Who was revoked is out at once, also with a session from before.
      for (const version of ["tls1_2", "tls1_3"]) {
        const [name, file] = [`resumed-${version}`, join(folder, `${version}.session`)];
        expect(await tried([`-${version}`, "-sess_out", file, ...as(name)])).toMatchObject({ reply: answered });
        expect(await tried([`-${version}`, "-sess_in", file, ...as(name)])).toMatchObject({ reply: answered });
        const { said } = await ask(openssl, port, [`-${version}`, "-sess_in", file, ...as(name)], "Q\n");
        expect(said).toMatch(/^Reused, /m);
        await revoke(name);
        await refused([`-${version}`, "-sess_in", file, ...as(name)], outAtOnce);
      }
      await revoke("revoked");
      await refused(as("revoked"), outAtOnce);
      expect(await tried(as("good"))).toMatchObject({ reply: answered });
    },
  );
});
