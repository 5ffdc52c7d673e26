/** What somebody who trusts none of this code finds: docs/audit-verify.py, with Python's library and openssl alone. */
import { execFile } from "node:child_process";
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { AuditLog, Prover } from "@modwarden/audit";
import { afterAll, beforeAll, describe, expect } from "vitest";
import { systemTest } from "./support.ts";

const script = fileURLToPath(new URL("../../docs/audit-verify.py", import.meta.url));
const DAY_MS = 86_400_000;

let folder: string;
let dir: string;
let key: string;

/** Three segments, four epochs of which one ended by a crash, and records behind the last checkpoint. */
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "modwarden-verifier-"));
  dir = join(folder, "audit");
  key = join(dir, "key.pub");
  let nowMs = Date.UTC(2026, 10, 21, 12);
  const open = () =>
    AuditLog.open({ dir, site: "demo", gateway: "gw1", now: () => new Date(nowMs), segmentBytes: 8000 });
  let log = open();
  for (let number = 0; number < 200; number += 1) {
    log.record("finding", { number, text: "ä\n" });
    log.commit();
    if (number % 9 === 0) log.checkpoint();
    if (number === 90) nowMs += DAY_MS;
    if (number === 120) log = open();
    if (number === 150) log.close();
    if (number === 150) log = open();
  }
  log.checkpoint();
  log.record("finding", { number: 200 });
  log.commit();
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

interface Said {
  readonly code: number;
  readonly text: string;
}

function ask(python: string, ...args: readonly string[]): Promise<Said> {
  return new Promise((resolve) => {
    execFile(python, [script, ...args], { timeout: 60_000 }, (error, stdout, stderr) => {
      const code = error === null ? 0 : typeof error.code === "number" ? error.code : -1;
      resolve({ code, text: `${stdout}${stderr}` });
    });
  });
}

/** A copy of the log, in which something is put in the place of a part of a file. */
function copyWith(name: string, file: RegExp, change: (text: string) => string): string {
  const copy = join(folder, name);
  cpSync(dir, copy, { recursive: true });
  for (const one of readdirSync(copy).filter((candidate) => file.test(candidate))) {
    writeFileSync(join(copy, one), change(readFileSync(join(copy, one), "utf8")));
  }
  return copy;
}

const withoutLine = (at: number) => (text: string) => text.split("\n").toSpliced(at, 1).join("\n");

describe("the verifier of another language", () => {
  systemTest(
    ["python3", "openssl"],
    "is no longer than a hundred lines and finds nothing wrong with a log",
    async ([python]) => {
      expect(readFileSync(script, "utf8").trimEnd().split("\n").length).toBeLessThanOrEqual(100);
      expect(readdirSync(dir).filter((name) => name.endsWith(".jsonl")).length).toBeGreaterThan(3);
      for (const more of [[], ["--all"]]) {
        const { code, text } = await ask(python, dir, key, ...more);
        expect(code, text).toBe(0);
        expect(text).toContain("and 1 not signed yet");
      }
    },
  );

  systemTest(
    ["python3", "openssl"],
    "finds what was changed, taken out, put in, cut off or signed by another",
    async ([python]) => {
      const other = join(folder, "other");
      AuditLog.open({ dir: other, site: "demo", gateway: "gw1", now: () => new Date() }).close();
      const first = /^0+\.jsonl$/;
      const damaged: readonly (readonly [log: string, key: string])[] = [
        [copyWith("changed", first, (text) => text.replace('"number":20,', '"number":21,')), key],
        [copyWith("removed", first, withoutLine(20)), key],
        [copyWith("doubled", first, (text) => text.replace(/(\n[^\n]+)$/m, "$1$1")), key],
        [copyWith("no-json", first, (text) => text.replace('{"seq":20,', '["seq":20,')), key],
        [copyWith("dropped", /^checkpoints/, withoutLine(5)), key],
        [copyWith("no-handover", /^checkpoints/, (text) => text.replace(/[^\n]+"next":"[^\n]+\n/, "")), key],
        [copyWith("redated", /^checkpoints/, (text) => text.replace(/"t":"2026(?=[^\n]+"next":")/, '"t":"2025')), key],
        [dir, join(other, "key.pub")],
      ];
      for (const [log, firstKey] of damaged) expect((await ask(python, log, firstKey)).code, log).toBe(1);
      const begun = join(folder, "begun");
      cpSync(dir, begun, { recursive: true });
      rmSync(join(begun, "000000000000.jsonl"));
      writeFileSync(join(begun, "tombstones.jsonl"), "");
      expect((await ask(python, begun, key)).code).toBe(1);
      const compressed = join(folder, "compressed");
      cpSync(dir, compressed, { recursive: true });
      rmSync(join(compressed, "000000000000.jsonl"));
      writeFileSync(join(compressed, "000000000000.jsonl.zst"), "");
      for (const args of [[compressed, key], [join(folder, "none"), key], []])
        expect((await ask(python, ...args)).code).toBe(2);
    },
  );

  systemTest(["python3", "openssl"], "asks for the tombstones of what was removed", async ([python]) => {
    const pruned = join(folder, "pruned");
    let ms = Date.UTC(2026, 10, 21, 12);
    const log = AuditLog.open({
      dir: pruned,
      site: "demo",
      gateway: "gw1",
      now: () => new Date(ms),
      segmentBytes: 3000,
      retain: { bytes: 1 },
    });
    for (let number = 0; number < 60; number++) {
      log.record("finding", { number, text: "x".repeat(60) });
      log.commit();
      // Each day signs tombstones of its own.
      if (number % 20 === 19) {
        while (log.maintain());
        ms += 86_400_000;
        log.checkpoint();
      }
    }
    log.close();
    const file = join(pruned, "tombstones.jsonl");
    const lines = readFileSync(file, "utf8");
    const ownKey = join(pruned, "key.pub");
    expect(lines.split("\n").length).toBeGreaterThan(3);
    const unpacked = readdirSync(pruned).every((name) => !name.endsWith(".zst"));
    expect(unpacked).toBe(true);
    const { code, text } = await ask(python, pruned, ownKey);
    expect(code, text).toBe(0);
    for (const wrong of [
      "",
      lines.split("\n").slice(1).join("\n"),
      lines.replace('"first":0,"size":', '"first":0,"size":1'),
      lines.replace('"reason":"size"', '"reason":"age"'),
      lines.replace(/"epoch":\d+/, '"epoch":9'),
    ]) {
      writeFileSync(file, wrong);
      expect((await ask(python, pruned, ownKey)).code).toBe(1);
    }
  });

  systemTest(["python3", "openssl"], "takes a proof of a record and of growth, and no wrong one", async ([python]) => {
    const prover = new Prover(dir);
    const [early, late] = [prover.inclusion(3), prover.inclusion(190)];
    const growth = prover.consistency(early.checkpoint.size);
    const same = prover.consistency(late.checkpoint.size, late.checkpoint.size);
    prover.close();
    expect(late.handovers.length).toBeGreaterThan(2);
    const file = join(folder, "proof.json");
    const verdict = (proof: object) => {
      writeFileSync(file, JSON.stringify(proof));
      return ask(python, file, key);
    };
    for (const proof of [early, late, growth, same]) expect(await verdict(proof)).toMatchObject({ code: 0 });
    expect((await verdict(late)).text).toContain(late.record);
    const wrong = [
      { ...late, record: late.record.replace('"number":', '"numbre":') },
      { ...late, seq: 189 },
      { ...late, path: late.path.slice(1) },
      { ...late, handovers: late.handovers.slice(1) },
      { ...late, checkpoint: { ...late.checkpoint, t: "2020-01-01T00:00:00.000000Z" } },
      { ...early, checkpoint: late.checkpoint, handovers: late.handovers },
      { ...growth, path: growth.path.toReversed() },
      { ...growth, from: { ...growth.from, root: growth.to.root } },
      { ...late, record: "[".repeat(100_000) },
      { ...late, handovers: late.handovers.map((one, at) => (at === 1 ? { ...one, sig: late.checkpoint.sig } : one)) },
      { proof: 1 },
    ];
    for (const proof of wrong) expect((await verdict(proof)).code).toBe(1);
  });
});
