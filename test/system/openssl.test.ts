import { execFile } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createMemoryHandler, createServer, formatModbusUrl, type ModbusServer } from "@modwarden/modbus";
import { afterAll, beforeAll, describe, expect, type TestContext } from "vitest";
import { createSiteFolder, type SiteFolder } from "../site/site-folder.ts";
import { modwarden, startBuilt, systemTest } from "./support.ts";

/** What an independent implementation says of our certificates and of our TLS listener. */
let device: ModbusServer;
let site: SiteFolder;
let folder: string;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "modwarden-openssl-"));
  device = createServer(createMemoryHandler());
  site = createSiteFolder(`${formatModbusUrl(await device.listen("modbus+tcp://127.0.0.1:0"))}?unit=1`);
});
afterAll(async () => {
  site.remove();
  rmSync(folder, { recursive: true, force: true });
  await device.close();
});

/** Runs openssl with nothing to read; s_client then says what it saw and ends. */
function openssl(program: string, args: readonly string[]): Promise<{ readonly code: number; readonly text: string }> {
  return new Promise((resolve) => {
    const child = execFile(program, [...args], { timeout: 15_000 }, (error, stdout, stderr) => {
      const code = error === null ? 0 : typeof error.code === "number" ? error.code : 1;
      resolve({ code, text: `${stdout}${stderr}` });
    });
    child.stdin?.end();
  });
}

interface Enrolled {
  readonly out: string;
  readonly port: string;
}

async function enrolled(context: TestContext, name: string): Promise<Enrolled> {
  const running = startBuilt(context, ["up", site.file, "--json"]);
  await running.ready("all");
  const tls = await running.line((line) => line.includes("modbus+tls://"));
  const port = new URL((JSON.parse(tls) as { url: string }).url).port;
  const key = await modwarden(
    ["key", "create", "--kind", "client", "--role", "Operator", "--json", "--site", site.file],
    {
      from: "built",
    },
  );
  const created = key.json[0] as { key: string; pin: string };
  const out = join(folder, name);
  const enrolment = await modwarden(
    [
      "enrol",
      await running.ready("enrolment"),
      "--key",
      "-",
      "--name",
      name,
      "--out",
      out,
      "--pin",
      created.pin,
      "--json",
    ],
    { from: "built", input: `${created.key}\n` },
  );
  expect(enrolment.code, enrolment.stderr).toBe(0);
  expect(enrolment.json).toMatchObject([{ id: name, role: "Operator", state: "active" }]);
  return { out, port };
}

describe("openssl", () => {
  systemTest(
    ["openssl"],
    "finds the role, the chain and the uses in an enrolled certificate",
    async ([program], context) => {
      const { out } = await enrolled(context, "client-1");
      expect(statSync(join(out, "key.pem")).mode & 0o777).toBe(0o600);

      const text = await openssl(program, ["x509", "-in", join(out, "cert.pem"), "-noout", "-text"]);
      expect(text.text).toContain("1.3.6.1.4.1.50316.802.1");
      expect(text.text).toContain("TLS Web Client Authentication");
      expect(text.text).toContain("id-ecPublicKey");

      // The extension is one UTF8String: tag 0C, length 08, "Operator".
      const parsed = await openssl(program, ["asn1parse", "-in", join(out, "cert.pem")]);
      expect(parsed.text).toMatch(
        /1\.3\.6\.1\.4\.1\.50316\.802\.1\n.*OCTET STRING\s+\[HEX DUMP\]:0C084F70657261746F72/,
      );

      const chain =
        readFileSync(join(out, "chain.pem"), "utf8").match(/-----BEGIN[\s\S]+?-----END CERTIFICATE-----/g) ?? [];
      const [root = "", issuing = ""] = [chain.at(-1), chain.at(-2)];
      writeFileSync(join(folder, "root.pem"), root);
      writeFileSync(join(folder, "issuing.pem"), issuing);
      const verified = await openssl(program, [
        "verify",
        ...["-x509_strict", "-purpose", "sslclient"],
        ...["-CAfile", join(folder, "root.pem"), "-untrusted", join(folder, "issuing.pem"), join(out, "cert.pem")],
      ]);
      expect(verified.text).toContain("OK");
      expect(verified.code).toBe(0);
    },
  );

  systemTest(
    ["openssl"],
    "s_client is served with a certificate, with TLS 1.2 and 1.3, and refused without",
    async ([program], context) => {
      const { out, port } = await enrolled(context, "client-2");
      const identity = [
        "-cert",
        join(out, "cert.pem"),
        "-key",
        join(out, "key.pem"),
        "-cert_chain",
        join(out, "chain.pem"),
      ];
      const at = ["s_client", "-connect", `127.0.0.1:${port}`, "-servername", "localhost"];
      for (const version of ["-tls1_2", "-tls1_3"]) {
        const served = await openssl(program, [...at, version, ...identity]);
        expect(served.text, version).toContain("Acceptable client certificate CA names");
        expect(served.text, version).toContain("Cipher is");
        expect(served.text, version).not.toContain("Cipher is (NONE)");
        // the whole chain is sent, the root too.
        expect(served.text.match(/^ \d s:/gm)?.length, version).toBe(3);
      }
      const old = await openssl(program, [...at, "-tls1_1", "-cipher", "DEFAULT@SECLEVEL=0", ...identity]);
      expect(old.code).not.toBe(0);
      const without = await openssl(program, [...at, "-tls1_2"]);
      expect(without.text).toContain("alert");
      expect(without.code).not.toBe(0);
    },
  );
});
