import { createHash, createPublicKey, generateKeyPairSync, randomBytes } from "node:crypto";
import { describe, expect, it } from "vitest";
import { newKey } from "../authority/key-file.ts";
import { spkiBytes } from "../certificate/read.ts";
import { createRequest } from "../client/csr.ts";
import { createRegistrationKey, formatKey, formatLabel } from "../registration-key.ts";
import { enrol, refusalOf, SOURCE, wrongSecret } from "../testing/enrol.ts";
import { openSite } from "../testing/site.ts";
import { parseKeyImport } from "./import-file.ts";

const device = { kind: "device", roles: [] } as const;
const fresh = (): string => formatKey(createRegistrationKey(randomBytes));

describe("a file of keys", () => {
  it("has a key a line, or columns of its own order, quotes and comments", () => {
    const [one, two] = [fresh(), fresh()];
    const hex = "ab".repeat(32);
    expect(parseKeyImport(`# made in hall 3\n${one}\n\n${two},S2\r\nSHA256:${hex.toUpperCase()}\n`)).toEqual([
      { line: 2, key: one },
      { line: 4, key: two, serial: "S2" },
      { line: 5, publicKey: hex },
    ]);
    const base64 = Buffer.from(hex, "hex").toString("base64");
    const colons = hex.replaceAll(/(..)(?=.)/g, "$1:");
    expect(parseKeyImport(`unit,key,name,model\n7,sha256/${base64},meter-7,"PM, ""5560"""\n`)).toEqual([
      { line: 2, publicKey: hex, unit: 7, name: "meter-7", model: 'PM, "5560"' },
    ]);
    expect(parseKeyImport(`SHA256:${colons}`)).toEqual([{ line: 1, publicKey: hex }]);
  });

  it.each([
    ["a key with a typo", (key: string) => `${fresh()}\n${wrongSecret(key).slice(0, -1)}`, "line 2:"],
    ["a key twice", (key: string) => `${key}\n${key.toLowerCase()}`, "line 2:"],
    ["a unit that is none", (key: string) => `key,unit\n${key},248`, "line 2:"],
    ["a column that is none", (key: string) => `key,colour\n${key},red`, "line 1:"],
    ["too many fields", (key: string) => `${key},S1,S2`, "line 1:"],
    ["an open quote", (key: string) => `${key},"S1`, "line 1:"],
    ["a short fingerprint", () => "SHA256:abcd", "line 1:"],
    ["no key at all", () => "# nothing\n", ""],
  ])("is refused for %s, with the line and without its text", (_, text, where) => {
    const key = fresh();
    let caught: unknown;
    try {
      parseKeyImport(text(key));
    } catch (error) {
      caught = error;
    }
    expect(caught).toMatchObject({ code: "ERR_KEY_FILE", message: expect.stringContaining(where) as unknown });
    expect(String(caught)).not.toContain(key.slice(14, 40));
  });
});

describe("imported keys", () => {
  it("open enrolments with what their lines say, and only as an HMAC in the registry", async () => {
    await using site = await openSite();
    const made = createRegistrationKey(randomBytes);
    const text = `key,serial,model,role,unit\n${formatLabel(made)},S1,PM5560,Meter,7\n`;
    const options = { kind: "device", roles: ["Viewer"], claims: { batch: "9" } } as const;
    const result = await site.service.keys.import(parseKeyImport(text), options);
    expect(result).toMatchObject({ tokens: 1, publicKeys: 0 });
    expect(site.events).toMatchObject([{ event: "key-imported", detail: { import: result.import, count: 1 } }]);
    expect(await enrol(site, formatKey(made), "meter", { serial: "S1" })).toMatchObject({ role: "Meter" });
    expect(await site.service.identities.show("meter")).toMatchObject({ model: "PM5560", claims: { batch: "9" } });
  });

  it("let a device in by its own key pair alone, once", async () => {
    await using site = await openSite();
    const pair = newKey();
    const hash = createHash("sha256")
      .update(spkiBytes(createPublicKey(pair)))
      .digest();
    const text = `key,name\nsha256/${hash.toString("base64")},meter-7\n`;
    await site.service.keys.import(parseKeyImport(text), device);
    expect(await site.service.identities.show("meter-7")).toMatchObject({ state: "issued" });
    const request = { key: "", csr: await createRequest(pair, "x"), name: "meter-7", source: SOURCE };
    await refusalOf(site.service.enrol({ ...request, csr: await createRequest(newKey(), "x") }));
    await refusalOf(site.service.enrol({ ...request, csr: "none" }));
    expect((await site.service.enrol(request)).state).toBe("claimed");
    await refusalOf(site.service.enrol({ ...request, name: "meter-8" }));
    const reasons = site.events.filter(({ event }) => event === "refused").map(({ reason }) => reason);
    expect(reasons).toEqual(["unknown", "csr", "used-up"]);
  });

  it("come all or not at all", async () => {
    await using site = await openSite();
    const { keys } = site.service;
    const known = (await keys.create(device)).key;
    const both = keys.import(parseKeyImport(`${fresh()}\n${known}`), device);
    expect(await refusalOf(both)).toMatchObject({
      code: "ERR_KEY_FILE",
      message: expect.stringContaining("line 2") as unknown,
    });
    expect(await keys.count()).toBe(1);
    const taken = keys.import(parseKeyImport(`key,name\n${fresh()},a\n${fresh()},A`), device);
    expect((await refusalOf(taken)).code).toBe("ERR_IDENTITY_TAKEN");
    expect(await keys.count()).toBe(1);
    expect(await site.service.identities.list()).toEqual([]);
  });

  it("come by the thousand", async () => {
    await using site = await openSite();
    const lines = Array.from({ length: 5000 }, (_, n) => `SHA256:${randomBytes(32).toString("hex")},S${n}`);
    expect(await site.service.keys.import(parseKeyImport(lines.join("\n")), device)).toMatchObject({
      publicKeys: 5000,
    });
    expect(await site.service.keys.count({ form: "public-key" })).toBe(5000);
    expect(await site.service.keys.bySerial("S77")).toMatchObject([{ state: "bound", identity: null }]);
  });

  it("of an RSA device are allowed as well", () => {
    const { publicKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
    const spki = publicKey.export({ type: "spki", format: "der" });
    const pin = `sha256/${createHash("sha256").update(spki).digest("base64")}`;
    expect(parseKeyImport(pin)).toHaveLength(1);
  });
});
