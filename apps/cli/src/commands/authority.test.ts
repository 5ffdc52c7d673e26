import { execFileSync, spawnSync } from "node:child_process";
import { chmodSync, cpSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { temporaryFolder } from "../testing/folder.ts";
import { type Ran, runHere } from "../testing/terminal.ts";

const openssl = spawnSync("openssl", ["version"]).status === 0;
const EXAMPLE = fileURLToPath(new URL("../../../../examples/signer/openssl-signer.mjs", import.meta.url));

/** A site as `init` writes it, with this section in its file; nobody runs it. */
async function newSite(section = ""): Promise<{ file: string; folder: string; ca: string }> {
  const folder = temporaryFolder();
  expect((await runHere(["init", folder])).code).toBe(0);
  const file = join(folder, "site.yaml");
  writeFileSync(file, readFileSync(file, "utf8") + section);
  return { file, folder, ca: join(folder, "data", "ca") };
}

async function authority(site: { readonly file: string }, ...args: readonly string[]): Promise<Ran> {
  return await runHere(["authority", ...args, "--site", site.file, "--json"]);
}

function refused(code: string): unknown {
  return expect.objectContaining({
    code: 2,
    json: [expect.objectContaining({ error: expect.objectContaining({ code }) })],
  });
}

describe("authority", () => {
  it("shows the chain, its keys and its lists", async () => {
    const shown = await authority(await newSite(), "show");
    expect(shown).toMatchObject({
      code: 0,
      json: [
        {
          certificates: [
            { role: "issuing", key: "file" },
            { role: "root", key: "file" },
          ],
          lists: [{ state: "good" }, { state: "good" }],
          formerPins: [],
          warnings: [],
          requested: false,
        },
      ],
    });
  });

  it("signs the root's list with a key that is kept elsewhere, and with no other", async () => {
    const site = await newSite();
    await authority(site, "show");
    const key = join(site.folder, "safe.key");
    renameSync(join(site.ca, "root.key"), key);
    rmSync(join(site.ca, "crl"), { recursive: true });
    const states = ({ json }: Ran): unknown =>
      (json[0] as { lists: { state: string }[] }).lists.map(({ state }) => state);
    expect(states(await authority(site, "show"))).toEqual(["good", "missing"]);
    expect(await authority(site, "crl", "--root-key", join(site.ca, "issuing.key"))).toEqual(
      refused("ERR_AUTHORITY_KEY"),
    );
    expect(await authority(site, "crl")).toEqual(refused("ERR_USAGE"));
    expect((await authority(site, "crl", "--root-key", key)).code).toBe(0);
    expect(states(await authority(site, "show"))).toEqual(["good", "good"]);
  });

  it.skipIf(!openssl)("issues under a company's authority (skipped without openssl: apt install openssl)", async () => {
    const site = await newSite();
    const at = (name: string): string => join(site.folder, name);
    const run = (...args: readonly string[]): unknown => execFileSync("openssl", args, { stdio: "pipe" });
    run(
      ...[
        "req",
        "-x509",
        "-newkey",
        "rsa:2048",
        "-nodes",
        "-keyout",
        at("root.key"),
        "-out",
        at("root.pem"),
        "-days",
        "3650",
      ],
      ...["-subj", "/CN=Company root", "-addext", "keyUsage=critical,keyCertSign,cRLSign"],
    );
    const { json } = await authority(site, "csr", "--name", "Plant 7 issuing");
    writeFileSync(at("issuing.csr"), (json[0] as { request: string }).request);
    run(
      ...["x509", "-req", "-in", at("issuing.csr"), "-CA", at("root.pem"), "-CAkey", at("root.key"), "-days", "1000"],
      ...["-copy_extensions", "copy", "-out", at("issuing.pem")],
    );
    expect(await authority(site, "import", at("issuing.pem"))).toEqual(refused("ERR_AUTHORITY_IMPORT"));
    writeFileSync(at("chain.pem"), readFileSync(at("issuing.pem"), "utf8") + readFileSync(at("root.pem"), "utf8"));
    const imported = await authority(site, "import", at("chain.pem"));
    expect(imported.code).toBe(0);
    const { pin, formerPin } = imported.json[0] as { pin: string; formerPin: string };
    expect((await authority(site, "show")).json).toMatchObject([
      {
        ...{ pin, formerPins: [formerPin] },
        certificates: [
          { subject: "CN=Plant 7 issuing", key: "file" },
          { subject: "CN=Company root", key: "elsewhere" },
        ],
      },
    ]);
    const key = await runHere(["key", "create", "--kind", "client", "--role", "Viewer", "--site", site.file, "--json"]);
    expect(key.json).toMatchObject([{ pin }]);
  });

  it("shows the company's authority that issues here; what it is asked by stands in files of the owner's", async () => {
    const { json } = await authority(await newSite(), "show");
    const { root, pin, external } = json[0] as { readonly root: string; readonly pin: string; readonly external: null };
    expect(external).toBeNull();
    const est = '{ url: "https://ca.example", anchors: company.pem, user: plant7, passwordFile: est.txt }';
    const site = await newSite(`authority: { est: ${est} }\n`);
    const [anchors, password] = ["company.pem", "est.txt"].map((name) => join(site.folder, name)) as [string, string];
    expect(await authority(site, "show")).toEqual(refused("ERR_SITE_AUTHORITY"));
    writeFileSync(anchors, root);
    writeFileSync(password, "a b:c\n", { mode: 0o644 });
    expect(await authority(site, "show")).toEqual(refused("ERR_SITE_AUTHORITY"));
    chmodSync(password, 0o600);
    const shown = await authority(site, "show");
    expect(shown.json).toMatchObject([{ external: { url: "https://ca.example", pins: [pin] } }]);
    expect(shown.stdout).not.toContain("a b:c");
    writeFileSync(anchors, "no certificate");
    expect(await authority(site, "show")).toEqual(refused("ERR_AUTHORITY_IMPORT"));
    const half = await newSite(`authority: { est: ${est.replace(", passwordFile: est.txt", "")} }\n`);
    expect((await authority(half, "show")).code).toBe(2);
  });

  it("encrypts its keys under the passphrase of the site file, and opens them with it alone", async () => {
    const site = await newSite("authority: { passphrase: { file: ca.passphrase } }\n");
    const passphrase = join(site.folder, "ca.passphrase");
    expect(await authority(site, "show")).toEqual(refused("ERR_SITE_AUTHORITY"));
    writeFileSync(passphrase, "drei Esel im Regen\n", { mode: 0o600 });
    const keys = (ran: Ran): unknown =>
      (ran.json[0] as { certificates: { key: string }[] }).certificates.map(({ key }) => key);
    expect(keys(await authority(site, "show"))).toEqual(["encrypted file", "encrypted file"]);
    chmodSync(passphrase, 0o644);
    expect(await authority(site, "show")).toEqual(refused("ERR_SITE_AUTHORITY"));
    chmodSync(passphrase, 0o600);
    writeFileSync(passphrase, "vier Esel");
    expect(await authority(site, "show")).toEqual(refused("ERR_AUTHORITY_PASSPHRASE"));
    writeFileSync(join(site.folder, "old"), "drei Esel im Regen\n");
    const changed = await authority(site, "passphrase", "--old", join(site.folder, "old"));
    expect(changed.json).toMatchObject([{ encrypted: true, files: [expect.anything(), expect.anything()] }]);
    expect((await authority(site, "show")).code).toBe(0);
    expect((await authority(site, "passphrase", "--old", passphrase, "--remove")).code).toBe(0);
    expect(keys(await authority(site, "show"))).toEqual(["file", "file"]);
    expect((await authority(site, "passphrase")).code).toBe(0);
    expect(keys(await authority(site, "show"))).toEqual(["encrypted file", "encrypted file"]);
  });

  it.skipIf(!openssl)(
    "signs through the example of a signer module (skipped without openssl: apt install openssl)",
    async () => {
      const site = await newSite("authority: { signer: { module: ./signer.mjs, options: { key: KEY } } }\n");
      const key = join(site.folder, "token.key");
      writeFileSync(site.file, readFileSync(site.file, "utf8").replace("KEY", key));
      expect(await authority(site, "show")).toEqual(refused("ERR_SITE_AUTHORITY"));
      cpSync(EXAMPLE, join(dirname(site.file), "signer.mjs"));
      execFileSync("openssl", ["genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256", "-out", key], {
        stdio: "pipe",
      });
      expect((await authority(site, "show")).json).toMatchObject([
        {
          certificates: [
            { role: "issuing", key: "signer" },
            { role: "root", key: "file" },
          ],
          lists: [{ state: "good" }, { state: "good" }],
        },
      ]);
      expect(readdirSync(site.ca)).not.toContain("issuing.key");
    },
  );
});
