import { readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { formatLabel, parseRegistrationKey } from "@modwarden/identity";
import { describe, expect, it } from "vitest";
import { labelSheet } from "../key/labels.ts";
import { temporaryFolder } from "../testing/folder.ts";
import { type Ran, runHere } from "../testing/terminal.ts";

const PIN = `sha256/${"A".repeat(43)}=`;

/** A site as `init` writes it, that nobody runs. */
async function newSite(): Promise<{ readonly folder: string; key(...args: readonly string[]): Promise<Ran> }> {
  const folder = temporaryFolder();
  expect((await runHere(["init", folder])).code).toBe(0);
  return { folder, key: (...args) => runHere(["key", ...args, "--site", join(folder, "site.yaml"), "--json"]) };
}

function file(folder: string, name: string, text: string): string {
  const path = join(folder, name);
  writeFileSync(path, text, { mode: 0o600 });
  return path;
}

describe("key create", () => {
  it("takes every option, and shows them again", async () => {
    const site = await newSite();
    const svg = join(site.folder, "label.svg");
    const made = await site.key(
      ...["create", "--kind", "device", "--role", "Viewer", "--name", "meter-7", "--unit", "7", "--model", "PM5560"],
      ...["--serial", "SN1", "--claim", "warranty=2031", "--claim", "batch=9", "--source", "10.0.0.0/8"],
      ...["--certificate", "30d", "--host", "meter-7.plant", "--note", "hall 2", "--expires", "7d", "--svg", svg],
    );
    expect(made).toMatchObject({
      code: 0,
      json: [{ key: expect.stringMatching(/^mwk1_/) as unknown, pin: expect.any(String) as unknown }],
    });
    const { id, key } = made.json[0] as { readonly id: string; readonly key: string };
    expect((await site.key("show", id)).json).toMatchObject([
      {
        name: "meter-7",
        unit: 7,
        model: "PM5560",
        serials: ["SN1"],
        claims: { warranty: "2031", batch: "9" },
        sources: ["10.0.0.0/8"],
        names: ["meter-7.plant"],
        note: "hall 2",
        certificateLifetimeMs: 30 * 86_400_000,
        identities: [{ id: "meter-7", state: "issued" }],
      },
    ]);
    expect(statSync(svg).mode & 0o777).toBe(0o600);
    const shown = readFileSync(svg, "utf8")
      .match(/<text[^>]*>([^<]*)/g)
      ?.map((text) => text.replace(/<[^>]*>/, ""));
    expect(shown?.slice(0, 2)).toEqual(["hall 2", "serial SN1"]);
    expect(parseRegistrationKey(shown?.slice(-4, -1).join("") ?? "")).toEqual(parseRegistrationKey(key));
  });

  it("makes one for each serial number of a file, a line each", async () => {
    const site = await newSite();
    const serials = file(site.folder, "serials.txt", "SN1\n# spare\n\nSN2\n");
    const made = await site.key("create", "--kind", "device", "--serials", serials);
    expect(made.json).toMatchObject([{ serial: "SN1" }, { serial: "SN2" }]);
    expect((await site.key("list")).json).toMatchObject([[{ serials: ["SN1"] }, { serials: ["SN2"] }]]);
    expect((await site.key("create", "--kind", "device", "--count", "3")).json).toHaveLength(3);
  });

  it("ends with 2 for options that contradict each other", async () => {
    const site = await newSite();
    expect(await site.key("create", "--kind", "client", "--unit", "3")).toMatchObject({
      code: 2,
      json: [{ error: { code: "ERR_KEY_OPTIONS" } }],
    });
  });
});

describe("a label sheet", () => {
  it("has the text of every label on pages of twelve, and no mark-up of its own in it", () => {
    const { key } = { key: "mwk1_5M3Y0RKT_364C6ZBKMQR62KK68H3JZVC4CNC0PTHW585PWR" };
    const label = { key, id: "5M3Y0RKT", note: '<b> & "c"', expires: "2026-11-22T03:41:11.231Z", pin: PIN };
    const sheet = labelSheet(Array.from({ length: 13 }, () => label));
    expect(sheet).toContain('height="594mm"');
    expect(sheet.match(/&lt;b&gt; &amp; &quot;c&quot;/g)).toHaveLength(13);
    expect(sheet).not.toContain("<b>");
    const lines = ["MWK1-5M3Y0-RKT36-4C6ZB-", "KMQR6-2KK68-H3JZV-C4CNC-", "0PTHW-585PW-R"];
    expect(lines.join("")).toBe(formatLabel(parseRegistrationKey(key)));
    for (const line of lines) expect(sheet.split(`>${line}<`)).toHaveLength(14);
  });
});

describe("offline keys", () => {
  it("are signed without a site, checked with the public key alone, and trusted at a site", async () => {
    const site = await newSite();
    const out = join(site.folder, "factory.key");
    const issuer = (await runHere(["key", "issuer", "create", "factory 3", "--out", out, "--json"])).json[0] as {
      readonly id: string;
    };
    expect(statSync(out).mode & 0o777).toBe(0o600);
    const signed = await runHere([
      ...["key", "sign", "--issuer", out, "--pin", PIN, "--kind", "device", "--role", "Viewer", "--serial", "SN1"],
      ...["--claim", "batch=9", "--json"],
    ]);
    expect(signed).toMatchObject({
      code: 0,
      json: [{ id: expect.stringMatching(`^${issuer.id}\\.`) as unknown, pin: PIN }],
    });
    const { key } = signed.json[0] as { readonly key: string };
    const text = file(site.folder, "key.txt", `${key}\n`);
    const checked = await runHere(["key", "check", text, "--issuer-key", `${out}.pub`, "--json"]);
    expect(checked).toMatchObject({ code: 0, json: [{ form: "offline", state: "valid", serials: ["SN1"] }] });
    const other = join(site.folder, "other.key");
    await runHere(["key", "issuer", "create", "other", "--out", other]);
    const foreign = await runHere(["key", "check", text, "--issuer-key", `${other}.pub`, "--json"]);
    expect(foreign).toMatchObject({ code: 1, json: [{ error: { code: "ERR_KEY_ISSUER" } }] });

    expect((await site.key("issuer", "trust", `${out}.pub`, "--role", "Viewer")).json).toMatchObject([
      { id: issuer.id, state: "trusted", kinds: ["device"], roles: ["Viewer"] },
    ]);
    expect((await site.key("issuer", "revoke", issuer.id)).json).toMatchObject([{ state: "revoked" }]);
    expect((await site.key("issuer", "list")).json).toMatchObject([[{ id: issuer.id, state: "revoked" }]]);
    expect((await runHere(["key", "issuer", "create", "x", "--out", out, "--json"])).json).toMatchObject([
      { error: { code: "ERR_FILE" } },
    ]);
  });

  it("have a ledger that another site's is compared with", async () => {
    const site = await newSite();
    const exported = await site.key("ledger", "export");
    expect(exported.json).toMatchObject([{ "modwarden-ledger": 1, keys: [] }]);
    const other = { ...(exported.json[0] as object), origin: "00000000" };
    const ledger = file(site.folder, "other.ledger", JSON.stringify(other));
    expect(await site.key("ledger", "import", ledger)).toMatchObject({ code: 0, json: [{ conflicts: [] }] });
    expect(await site.key("ledger", "import", file(site.folder, "no.ledger", "{}"))).toMatchObject({ code: 2 });
  });
});

describe("keys of factories and devices", () => {
  it("are derived at the site and from the exported file alike, which is written only with consent", async () => {
    const site = await newSite();
    expect((await site.key("batch", "create", "meters", "--kind", "device", "--role", "Viewer")).code).toBe(0);
    const out = join(site.folder, "meters.batch");
    expect((await site.key("batch", "export", "meters", "--out", out)).code).toBe(2);
    expect((await site.key("batch", "export", "meters", "--out", out, "--yes")).code).toBe(0);
    expect(statSync(out).mode & 0o777).toBe(0o600);
    const here = await site.key("batch", "derive", "meters", "--serial", "SN1");
    const there = await runHere(["key", "batch", "derive", "meters", "--batch", out, "--serial", "SN1", "--json"]);
    expect(there.json).toEqual(here.json);
    const { key } = here.json[0] as { readonly key: string };
    const text = file(site.folder, "key.txt", key);
    expect(await site.key("check", text, "--serial", "SN1")).toMatchObject({
      code: 0,
      json: [{ authentic: true, claims: { batch: "meters" }, used: false }],
    });
    expect(await site.key("check", text, "--serial", "SN2")).toMatchObject({ code: 1, json: [{ authentic: false }] });
    expect(await site.key("report-leak", text, "--serial", "SN1")).toMatchObject({
      code: 0,
      json: [{ received: true }],
    });
    expect(await site.key("check", text, "--serial", "SN1")).toMatchObject({ code: 1, json: [{ authentic: false }] });
  });

  it("are imported with what their lines say, or refused with the line", async () => {
    const site = await newSite();
    const list = file(site.folder, "keys.csv", `key,serial\nSHA256:${"ab".repeat(32)},SN9\n`);
    expect(await site.key("import", list, "--kind", "device")).toMatchObject({ code: 0, json: [{ publicKeys: 1 }] });
    const again = await site.key("import", list, "--kind", "device");
    expect(again).toMatchObject({ code: 2, json: [{ error: { code: "ERR_KEY_FILE" } }] });
    expect(again.stderr).toContain("line 2");
    expect((await site.key("check", "--serial", "SN9")).json).toMatchObject([
      { known: true, records: [{ state: "bound" }] },
    ]);
    expect(await site.key("check", "--serial", "SN8")).toMatchObject({ code: 1, json: [{ known: false }] });
  });
});
