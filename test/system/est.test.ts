/** Stock EST clients: openssl and curl alone, with the commands that docs/est.md gives. */
import { execFile } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { createMemoryHandler, createServer, formatModbusUrl, type ModbusServer } from "@modwarden/modbus";
import { afterAll, beforeAll, describe, expect, type TestContext } from "vitest";
import { createSiteFolder, type SiteFolder } from "../site/site-folder.ts";
import { modwarden, startBuilt, systemTest } from "./support.ts";

const PAGE = fileURLToPath(new URL("../../docs/est.md", import.meta.url));
const PROGRAMS = ["openssl", "curl"] as const;

let device: ModbusServer;
let site: SiteFolder;
let folder: string;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "modwarden-est-"));
  const memory = createMemoryHandler();
  device = createServer(memory);
  site = createSiteFolder(`${formatModbusUrl(await device.listen("modbus+tcp://127.0.0.1:0"))}?unit=1`);
});
afterAll(async () => {
  site.remove();
  rmSync(folder, { recursive: true, force: true });
  await device.close();
});

interface Ran {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** A shell script as the page has it, in a folder of its own. */
function shell(script: string, dir: string, env: Readonly<Record<string, string>>): Promise<Ran> {
  return new Promise((resolve) => {
    execFile(
      "bash",
      ["-euo", "pipefail", "-c", script],
      { cwd: dir, env: { ...process.env, ...env }, timeout: 60_000 },
      (error, stdout, stderr) => {
        resolve({ code: error === null ? 0 : Number(error.code ?? 1), stdout, stderr });
      },
    );
  });
}

/** The page's commands in their order; the first block sets what every reader has to set. */
function steps(): readonly string[] {
  const blocks = [...readFileSync(PAGE, "utf8").matchAll(/```sh\n([\s\S]*?)```/g)].map(([, block = ""]) => block);
  expect(blocks[0]).toMatch(/^EST=.*\nGATEWAY=.*\nNAME=.*\nPIN=.*\n$/);
  return blocks.slice(1);
}

interface Stage {
  readonly dir: string;
  readonly env: Readonly<Record<string, string>>;
}

async function stage(context: TestContext, name: string, more: readonly string[] = []): Promise<Stage> {
  const running = startBuilt(context, ["up", site.file, "--json"]);
  await running.ready("all");
  const tls = await running.line((line) => line.includes("modbus+tls://"));
  const created = await siteCommand(["key", "create", "--kind", "client", "--role", "Operator", ...more]);
  const { key, pin } = created as { readonly key: string; readonly pin: string };
  const dir = join(folder, name);
  mkdirSync(dir);
  writeFileSync(join(dir, "panel.key"), `${key}\n`, { mode: 0o600 });
  return {
    dir,
    env: {
      EST: `${await running.ready("enrolment")}/.well-known/est`,
      GATEWAY: `127.0.0.1:${new URL((JSON.parse(tls) as { url: string }).url).port}`,
      NAME: name,
      PIN: pin,
    },
  };
}

/** A command of the running site, its answer parsed. */
async function siteCommand(args: readonly string[]): Promise<unknown> {
  const done = await modwarden([...args, "--json", "--site", site.file], { from: "built" });
  expect(done.code, done.stderr).toBe(0);
  return done.json[0];
}

async function stateOf(name: string): Promise<unknown> {
  return ((await siteCommand(["identity", "show", name])) as { readonly state: string }).state;
}

describe("docs/est.md", () => {
  systemTest(PROGRAMS, "its commands enrol, confirm, read through the gateway and re-enrol", async (_, context) => {
    const { dir, env } = await stage(context, "panel-7");
    const [trust = "", request = "", enrol = "", confirm = "", use = "", renew = ""] = steps();
    const run = async (script: string): Promise<void> => {
      const { code, stderr } = await shell(script, dir, env);
      expect(code, `${script}\n${stderr}`).toBe(0);
    };
    await run(trust);
    await run(request);
    await run(enrol);
    expect(await stateOf("panel-7")).toBe("claimed");
    await run(confirm);
    expect(await stateOf("panel-7")).toBe("active");
    await run(use);
    //                         tx id | proto | length | unit | fc | bytes | two registers
    const answer = /00 01 00 00 00 07 01 03 04( [0-9a-f]{2}){4}/;
    expect(readFileSync(join(dir, "answer.hex"), "latin1").replaceAll(/\s+/g, " ")).toMatch(answer);
    const before = readFileSync(join(dir, "panel.pem"), "utf8");
    await run(renew);
    expect(readFileSync(join(dir, "panel.pem"), "utf8")).not.toBe(before);
    expect(await stateOf("panel-7")).toBe("active");
    await run(use);
    expect(readFileSync(join(dir, "answer.hex"), "latin1").replaceAll(/\s+/g, " ")).toMatch(answer);
    // The pin is what stands between this and anybody else's authority.
    const other = await shell(trust, dir, { ...env, PIN: `sha256/${"A".repeat(43)}=` });
    expect(other.code).toBe(1);
  });

  systemTest(
    PROGRAMS,
    "an RSA key, no user name, --anyauth and a label work as with any EST server",
    async (_, context) => {
      const { dir, env } = await stage(context, "rsa-1");
      const [trust = "", , enrol = "", confirm = "", use = ""] = steps();
      const request = `openssl genrsa -out panel-key.pem 2048
openssl req -new -key panel-key.pem -subj "/CN=rsa-1" -outform DER | openssl base64 > panel.p10`;
      const anyauth = enrol.replace('"$NAME"', '""').replace("--config -", "--config - --anyauth");
      for (const script of [trust, request, anyauth, confirm, use]) {
        const { code, stderr } = await shell(script, dir, env);
        expect(code, `${script}\n${stderr}`).toBe(0);
      }
      expect(await stateOf("rsa-1")).toBe("active");
      expect(readFileSync(join(dir, "answer.hex"), "latin1")).toMatch(/01 03 04/);
      const status = await shell(
        `curl --silent --cacert root.pem --output /dev/null --write-out '%{http_code}' "$EST/label/cacerts"
       curl --silent --cacert root.pem --head --output /dev/null --write-out ' %{http_code}' "$EST/cacerts"
       curl --silent --cacert root.pem --output csrattrs --write-out ' %{http_code}' "$EST/csrattrs"
       openssl base64 -d -in csrattrs | openssl asn1parse -inform DER`,
        dir,
        env,
      );
      expect(status.stdout).toContain("404 200 200");
      expect(status.stdout).toContain("prime256v1");
    },
  );

  systemTest(
    PROGRAMS,
    "a key that waits for approval gets 202, and the same request the certificate",
    async (_, context) => {
      const { dir, env } = await stage(context, "slow-1", ["--approval", "manual"]);
      const [trust = "", request = "", enrol = "", confirm = ""] = steps();
      const [ask = "", ...rest] = enrol.split("openssl base64 -d");
      const asking = ask.replace("--output panel.p7", "--output panel.p7 --dump-header head");
      expect((await shell(trust + request + asking, dir, env)).code).toBe(0);
      expect(readFileSync(join(dir, "head"), "latin1")).toMatch(/^HTTP\/1\.1 202 [\s\S]*retry-after: \d+/i);
      await siteCommand(["identity", "approve", "slow-1"]);
      const done = await shell(`${ask}openssl base64 -d${rest.join("openssl base64 -d")}${confirm}`, dir, env);
      expect(done.code, done.stderr).toBe(0);
      expect(await stateOf("slow-1")).toBe("active");
    },
  );

  systemTest(PROGRAMS, "a refused client has a code, and the administrator the reason", async (_, context) => {
    const { dir, env } = await stage(context, "used-1");
    const [trust = "", request = "", enrol = "", confirm = ""] = steps();
    expect((await shell(trust + request + enrol + confirm, dir, env)).code).toBe(0);
    const again = await shell(request + enrol, dir, { ...env, NAME: "used-2" });
    expect(again.code).not.toBe(0);
    const text = readFileSync(join(dir, "panel.p7"), "utf8");
    const code = /correlation code ([0-9A-Z]{8})/.exec(text)?.[1] ?? "none";
    const why = await siteCommand(["identity", "why", code]);
    expect(why).toMatchObject({ reason: "used-up", name: "used-2", page: "docs/refusals/used-up.md" });
    const bare = await shell(
      `curl --silent --cacert root.pem --dump-header head --header 'Content-Type: application/pkcs10' \\
        --data-binary @panel.p10 "$EST/simpleenroll"`,
      dir,
      env,
    );
    expect(bare.stdout).toContain("HTTP Basic");
    expect(readFileSync(join(dir, "head"), "latin1")).toMatch(/^HTTP\/1\.1 401 [\s\S]*www-authenticate: Basic realm=/i);
  });
});
