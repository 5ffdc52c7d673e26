import { readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { body, codeOf, lines, names, testLog } from "../testing/logs.ts";
import { verifyLog } from "../verify/verify.ts";
import { AuditLog } from "./audit-log.ts";
import { parseCheckpoint } from "./checkpoint.ts";

const DAY_MS = 86_400_000;
const checkpoints = (dir: string) =>
  lines(`${dir}/checkpoints.jsonl`).map((line) => parseCheckpoint(Buffer.from(line))!);

describe("a new log", () => {
  it("holds what formats.md says, readable by its owner only", () => {
    const { dir, open } = testLog();
    const log = open({ random: (bytes) => new Uint8Array(bytes).fill(7) });
    expect(log.created).toBe(true);
    expect(log.id).toBe("07".repeat(16));
    expect(log.keyFingerprint).toMatch(/^sha256\//);
    expect(names(dir)).toEqual(["000000000000.jsonl", "000000000000.leaves", "checkpoints.jsonl", "key.pub"]);
    expect(lines(`${dir}/000000000000.jsonl`)).toEqual([
      `{"seq":0,"t":"2026-11-21T12:00:00.000000Z","kind":"log","version":1,"log":"${log.id}","site":"demo","gateway":"gw1"}`,
      '{"seq":1,"t":"2026-11-21T12:00:00.000000Z","kind":"system","event":"start","epoch":0,"clean":true,"checkpoints":0}',
    ]);
    expect(statSync(dir).mode & 0o777).toBe(0o700);
    expect(statSync(`${dir}-keys`).mode & 0o777).toBe(0o700);
    expect(statSync(`${dir}-keys/epoch-0.key`).mode & 0o777).toBe(0o600);
    expect([log.size, log.covered, log.waiting, log.epoch, log.state]).toEqual([2, 2, 0, 0, "open"]);
    log.close();
    log.close();
    expect(log.state).toBe("closed");
    expect(codeOf(() => log.append(body(1)))).toBe("ERR_AUDIT_CLOSED");
  });

  it("numbers what is appended, text or bytes", () => {
    const { dir, open } = testLog();
    const log = open();
    expect(log.append(body(0, "ä"))).toBe(2);
    expect(log.append(Buffer.from(body(1)))).toBe(3);
    expect(log.waiting).toBe(2);
    expect(log.size).toBe(2);
    log.commit();
    expect([log.size, log.covered]).toEqual([4, 2]);
    expect(lines(`${dir}/000000000000.jsonl`).at(-1)).toBe(`{"seq":3,${body(1)}`);
    expect(verifyLog({ dir })).toMatchObject({ ok: true, records: 4, pending: 2, checkpoints: 2, trust: "folder" });
    log.checkpoint();
    log.checkpoint();
    expect(verifyLog({ dir })).toMatchObject({ ok: true, records: 4, pending: 0, checkpoints: 3 });
  });

  it("refuses what would not be one line of its own", () => {
    const { open } = testLog();
    const log = open();
    const long = body(1, "x".repeat(1024 * 1024));
    for (const bad of [
      "",
      "}",
      '"t":"',
      `{${body(1)}`,
      body(1).slice(0, -1),
      body(1, "").replace("finding", "\n"),
      long,
    ]) {
      expect(codeOf(() => log.append(bad))).toBe("ERR_AUDIT_BAD_RECORD");
    }
    const noText = Buffer.from(body(1, "xx"));
    noText[noText.indexOf("xx")] = 0xff;
    expect(codeOf(() => log.append(noText))).toBe("ERR_AUDIT_BAD_RECORD");
    expect(log.append(body(1))).toBe(2);
  });

  it("commits by itself before more waits than a batch holds", () => {
    const { open } = testLog();
    const log = open();
    const large = body(1, "x".repeat(1_000_000));
    for (let count = 0; count < 5; count++) log.append(large);
    expect(log.isFull).toBe(true);
    expect(log.size).toBe(2);
    log.append(large);
    expect([log.size, log.waiting]).toEqual([7, 1]);
    log.close();
  });
});

describe("epochs", () => {
  it("end with the day, with a stop and with a start, and take their private keys with them", () => {
    const { dir, clock, open } = testLog();
    const log = open();
    clock.ms += DAY_MS;
    expect(log.epochIsOver).toBe(true);
    log.checkpoint();
    expect([log.epoch, log.epochIsOver]).toEqual([1, false]);
    expect(names(`${dir}-keys`)).toEqual(["epoch-1.key", "frontier.json"]);
    log.close();
    expect(names(`${dir}-keys`)).toEqual(["epoch-2.key", "frontier.json"]);
    const again = open();
    expect([again.created, again.epoch, again.id]).toEqual([false, 2, log.id]);
    expect(lines(`${dir}/000000000000.jsonl`).at(-1)).toContain('"event":"start","epoch":2,"clean":true');
    const crashed = open();
    expect(crashed.epoch).toBe(3);
    expect(lines(`${dir}/000000000000.jsonl`).at(-1)).toContain('"event":"start","epoch":3,"clean":false');
    const handovers = checkpoints(dir).filter(({ next }) => next !== null);
    expect(handovers.map(({ epoch }) => epoch)).toEqual([0, 1, 2]);
    expect(verifyLog({ dir })).toMatchObject({ ok: true, pending: 0 });
    expect(verifyLog({ dir, key: readFileSync(`${dir}/key.pub`, "utf8") })).toMatchObject({ ok: true, trust: "given" });
  });
});

describe("segments", () => {
  it("are sealed at their size under a checkpoint, and compressed slice by slice", () => {
    const { dir, open } = testLog();
    const log = open({ segmentBytes: 3000 });
    for (let number = 0; number < 100; number++) {
      log.append(body(number, "some text that is repeated"));
      log.commit();
    }
    const sealed = names(dir).filter((name) => name.endsWith(".jsonl") && name.startsWith("0")).length - 1;
    expect(sealed).toBeGreaterThan(2);
    while (log.maintain()) expect(log.state).toBe("open");
    const files = names(dir);
    expect(files.filter((name) => name.endsWith(".jsonl.zst"))).toHaveLength(sealed);
    expect(files.filter((name) => /^\d+\.jsonl$/.test(name))).toHaveLength(1);
    expect(verifyLog({ dir })).toMatchObject({ ok: true, records: 102 });
    log.append(body(1));
    const again = open();
    expect(again.size).toBe(103);
    expect(verifyLog({ dir })).toMatchObject({ ok: true, records: 103, pending: 0 });
  });

  it("are compressed after a crash that left one half compressed", () => {
    const { dir, open } = testLog();
    const log = open({ segmentBytes: 1000 });
    for (let number = 0; number < 20; number++) {
      log.append(body(number));
      log.commit();
    }
    expect(log.maintain()).toBe(true);
    expect(names(dir)).toContain("000000000000.jsonl.zst.tmp");
    const again = open();
    expect(names(dir)).not.toContain("000000000000.jsonl.zst.tmp");
    while (again.maintain()) expect(again.state).toBe("open");
    expect(names(dir)).toContain("000000000000.jsonl.zst");
    expect(names(dir)).not.toContain("000000000000.jsonl");
    again.close();
    expect(verifyLog({ dir })).toMatchObject({ ok: true });
  });

  it("writes nothing where a link leads that somebody has put under a name of the log's", () => {
    const { dir, open } = testLog();
    const log = open({ segmentBytes: 1000 });
    for (let number = 0; number < 20; number++) {
      log.append(body(number));
      log.commit();
    }
    const victim = `${dir}-victim`;
    writeFileSync(victim, "theirs");
    symlinkSync(victim, `${dir}/000000000000.jsonl.zst.tmp`);
    expect(codeOf(() => log.maintain())).toBe("ERR_AUDIT_FAILED");
    expect(log.state).toBe("open");
    log.close();
    rmSync(`${dir}/checkpoints.jsonl`);
    symlinkSync(victim, `${dir}/checkpoints.jsonl`);
    expect(codeOf(open)).toBe("ERR_AUDIT_TAMPERED");
    expect(readFileSync(victim, "utf8")).toBe("theirs");
  });

  it("lets go of a half compressed segment when it is closed", () => {
    const { dir, open } = testLog();
    const log = open({ segmentBytes: 1000 });
    for (let number = 0; number < 20; number++) {
      log.append(body(number));
      log.commit();
    }
    log.maintain();
    log.close();
    expect(names(dir).filter((name) => name.endsWith(".tmp"))).toEqual([]);
  });

  it("opens quickly: only the newest segment and what follows the kept frontier is read", () => {
    const { dir, open } = testLog();
    const log = open({ segmentBytes: 2000 });
    for (let number = 0; number < 50; number++) {
      log.append(body(number));
      log.commit();
    }
    log.close();
    const frontier = JSON.parse(readFileSync(`${dir}-keys/frontier.json`, "utf8")) as { size: number };
    expect(names(dir)).toContain(`${String(frontier.size).padStart(12, "0")}.jsonl`);
    expect(AuditLog.open({ dir, site: "demo", gateway: "gw1", now: () => new Date() }).size).toBe(log.size + 1);
  });
});
