import { randomBytes } from "node:crypto";
import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { createRegistrationKey, formatKey, formatLabel, REGISTRATION_KEY_PATTERN } from "../registration-key.ts";
import { derivedKeys } from "./batches.ts";
import { formatBatch } from "./derive.ts";
import { createKeyIssuer, formatKeyIssuer } from "./issuer-file.ts";
import { OFFLINE_KEY_PATTERN, signOfflineKey } from "./offline-key.ts";

const folder = new URL("../../../../examples/secret-scanning/", import.meta.url);
const toml = readFileSync(new URL("gitleaks.toml", folder), "utf8");
const readme = readFileSync(new URL("README.md", folder), "utf8");

/** Each rule's id and its regex; `(?i)` is Go's way of saying the flag. */
const rules = new Map(
  [...toml.matchAll(/id = "([^"]+)"[\s\S]*?regex = '''([\s\S]*?)'''/g)].map(([, id = "", text = ""]) => [
    id,
    text.startsWith("(?i)") ? new RegExp(text.slice(4), "i") : new RegExp(text),
  ]),
);

function found(text: string): readonly string[] {
  return [...rules].flatMap(([id, rule]) => (rule.test(text) ? [id] : []));
}

const token = formatKey(createRegistrationKey(randomBytes));
const issuer = createKeyIssuer("factory");
const pin = `sha256/${"A".repeat(43)}=`;
const signing = { now: new Date(), random: randomBytes };
const offline = signOfflineKey(issuer, { kind: "device", roles: [], pin }, signing).key;
const longest = signOfflineKey(
  issuer,
  {
    kind: "device",
    roles: ["Meter"],
    pin,
    uses: 64,
    serials: Array.from({ length: 64 }, (_, n) => `SERIAL-${n}-0123456789`),
  },
  signing,
).key;
const batch = { id: "5M3Y0RKT", name: "meters", key: randomBytes(32) };
const derived = derivedKeys(batch, ["S1"])[0]?.key ?? "";

describe("the published patterns", () => {
  it.each([
    ["a key in source", `const key = "${token}";`, "modwarden-registration-key"],
    ["a key in a shell", `MODWARDEN_KEY=${token}\n`, "modwarden-registration-key"],
    ["a derived key", `key: ${derived}`, "modwarden-registration-key"],
    [
      "a label",
      formatLabel({ id: token.slice(5, 13), secret: token.slice(14, 46) }),
      "modwarden-registration-key-label",
    ],
    [
      "a label in small letters",
      formatLabel({ id: token.slice(5, 13), secret: token.slice(14, 46) }).toLowerCase(),
      "modwarden-registration-key-label",
    ],
    ["an offline key", `--key <(echo ${offline})`, "modwarden-offline-key"],
    ["the longest offline key", `${longest}\n`, "modwarden-offline-key"],
    ["an issuer's private file", formatKeyIssuer(issuer, issuer.privateKey), "modwarden-issuer-private-key"],
    ["a batch file", formatBatch(batch), "modwarden-batch-key"],
  ])("find %s", (_, text, id) => {
    expect(found(text)).toEqual([id]);
  });

  it.each([
    ["an id alone", "key 5M3Y0RKT was refused"],
    ["a key that is cut off", token.slice(0, -1)],
    ["a longer word", `x${token}y`],
    ["an issuer's public file", formatKeyIssuer(issuer)],
    ["a certificate's text", Buffer.from(randomBytes(600)).toString("base64")],
  ])("let %s be", (_, text) => {
    expect(found(text)).toEqual([]);
  });

  it("are the ones that the library exports, and stand in the page for GitHub", () => {
    expect(toml).toContain(REGISTRATION_KEY_PATTERN);
    expect(readme).toContain(REGISTRATION_KEY_PATTERN);
    expect(toml).toContain(OFFLINE_KEY_PATTERN);
    expect(readme).toContain(OFFLINE_KEY_PATTERN);
  });
});
