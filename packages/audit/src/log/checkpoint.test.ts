import { generateKeyPairSync } from "node:crypto";
import { writeFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { temporaryFolder } from "../testing/folder.ts";
import { checkpointLine, checkpointSignedBy, checkpointText, parseCheckpoint, signCheckpoint } from "./checkpoint.ts";
import { countOfEpoch } from "./count-of-epoch.ts";
import { keyFingerprint, publicKeyFile, readGivenKey, readPublicKey, readPublicKeyFile } from "./public-key.ts";

const { publicKey, privateKey } = generateKeyPairSync("ed25519");
const spki = publicKey.export({ format: "der", type: "spki" });
const key = spki.toString("base64");
const unsigned = {
  log: "ab12",
  size: 3,
  root: Buffer.alloc(32, 1).toString("base64"),
  t: "2026-11-21T09:14:03.120771Z",
  epoch: 0,
  next: null,
};

describe("a checkpoint", () => {
  it("signs the text of formats.md and writes its line", () => {
    expect(checkpointText({ ...unsigned, next: key })).toBe(
      `modwarden-checkpoint-v1\nab12\n3\n${unsigned.root}\n2026-11-21T09:14:03.120771Z\n0\n${key}\n`,
    );
    expect(checkpointText(unsigned).endsWith("\n0\n-\n")).toBe(true);
    const checkpoint = signCheckpoint(unsigned, privateKey);
    expect(checkpointLine(checkpoint)).toBe(JSON.stringify({ ...unsigned, sig: checkpoint.sig }));
    expect(checkpointSignedBy(checkpoint, publicKey)).toBe(true);
    expect(checkpointSignedBy({ ...checkpoint, size: 4 }, publicKey)).toBe(false);
    expect(parseCheckpoint(Buffer.from(checkpointLine(checkpoint)))).toEqual(checkpoint);
    const last = signCheckpoint({ ...unsigned, next: key }, privateKey);
    expect(parseCheckpoint(Buffer.from(checkpointLine(last)))).toEqual(last);
  });

  it.each([
    ["no JSON", "{"],
    ["null", "null"],
    ["a number", "3"],
    ["too long a line", " ".repeat(5000)],
    ...Object.entries({ log: 1, size: -1, root: "AAAA", t: "now", epoch: 1.5, next: "AAAA", sig: 5 }).map(
      ([field, value]) => [
        `a wrong ${field}`,
        JSON.stringify({ ...signCheckpoint(unsigned, privateKey), [field]: value }),
      ],
    ),
    [
      "base64 that is not canonical",
      checkpointLine({ ...signCheckpoint(unsigned, privateKey), root: `${"A".repeat(42)}B=` }),
    ],
    [
      "another order",
      checkpointLine(signCheckpoint(unsigned, privateKey)).replace(/^\{("log":[^,]*),("size":3),/, "{$2,$1,"),
    ],
  ])("is not %s", (_what, line = "") => {
    expect(parseCheckpoint(Buffer.from(line))).toBeUndefined();
  });
});

describe("public keys", () => {
  it("are read from what people hand over", () => {
    const pem = publicKey.export({ format: "pem", type: "spki" }).toString();
    expect(publicKeyFile(key)).toBe(pem);
    for (const given of [pem, `${key}\n`, spki.subarray(12).toString("base64")]) expect(readGivenKey(given)).toBe(key);
    for (const given of ["", "hello", key.slice(4)]) expect(readGivenKey(given)).toBeUndefined();
  });

  it("are strict in the folder", () => {
    const file = Buffer.from(publicKeyFile(key));
    expect(readPublicKeyFile(file)).toBe(key);
    for (let at = 0; at < file.length; at++) {
      const changed = Buffer.from(file);
      changed[at]! ^= 1;
      const read = readPublicKeyFile(changed);
      if (read === key) expect.unreachable(`byte ${at}`);
    }
    expect(readPublicKeyFile(Buffer.alloc(0))).toBeUndefined();
    expect(readPublicKey(Buffer.alloc(44).toString("base64"))).toBeUndefined();
    expect(keyFingerprint(key)).toMatch(/^sha256\/[A-Za-z0-9+/]{43}=$/);
  });
});

describe("countOfEpoch", () => {
  const file = (dir: string, list: readonly string[]): number => {
    const text = list.map((line) => `${line}\n`).join("");
    writeFileSync(`${dir}/checkpoints.jsonl`, text);
    return text.length;
  };
  const line = (epoch: number) => `{"log":"x","epoch":${epoch},"sig":"${"s".repeat(300)}"}`;

  it("counts those at the end, however long the file is", () => {
    const dir = temporaryFolder();
    for (const [before, count] of [
      [0, 0],
      [0, 1],
      [3, 1],
      [1, 3],
      [2000, 7000],
      [0, 7000],
      [7000, 1],
    ] as const) {
      const end = file(dir, [...Array<string>(before).fill(line(3)), ...Array<string>(count).fill(line(33))]);
      expect(countOfEpoch(dir, 33, end)).toBe(count);
      expect(countOfEpoch(dir, 4, end)).toBe(0);
    }
  });

  it("is none where there is no file, and ends at what can be no checkpoint", () => {
    const dir = temporaryFolder();
    expect(countOfEpoch(dir, 0, 10)).toBe(0);
    expect(countOfEpoch(dir, 0, file(dir, ["x".repeat(3_000_000)]))).toBe(0);
  });
});
