import { cpSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { beforeAll, describe, expect, it } from "vitest";
import { LogReader } from "../read/log-reader.ts";
import { readLines, readRecords } from "../read/records.ts";
import { countRecords, tailLog } from "../read/tail.ts";
import { failingFs } from "../testing/failing-fs.ts";
import { temporaryFolder } from "../testing/folder.ts";
import { codeOf, lines, NOON, names, type TestLog, testLog } from "../testing/logs.ts";
import { events } from "../testing/recorders.ts";
import type { DamagedLog } from "../verify/result.ts";
import { verifyLog } from "../verify/verify.ts";
import type { AuditLog } from "./audit-log.ts";
import { addHold, findHold, type Holds, holdsFile, removeHold } from "./holds.ts";
import type { AuditLogOptions } from "./options.ts";
import { parseTombstone, type Tombstone, tombstoneLine } from "./tombstone.ts";
import { nodeFs, type WriteFs } from "./write-fs.ts";

const DAY_MS = 86_400_000;
const HOUR_MS = 3_600_000;
const FIRST = "000000000000.jsonl";

/** A segment a day, `days` of them, and today's. Nothing is removed before `maintain`. */
function daily(days: number, more?: Partial<AuditLogOptions>, made: TestLog = testLog()): TestLog & { log: AuditLog } {
  const log = made.open({ segmentMs: DAY_MS, ...more });
  for (let hour = 0; hour <= 24 * days; hour += 6) {
    log.record("finding", { hour });
    log.checkpoint();
    made.clock.ms += 6 * HOUR_MS;
  }
  made.clock.ms -= 6 * HOUR_MS;
  return { ...made, log };
}

function maintain(log: AuditLog): void {
  while (log.maintain()) expect(log.state).toBe("open");
}

const segments = (dir: string): string[] => names(dir).filter((name) => /^\d+\.jsonl/.test(name));
const firstOf = (dir: string): number => Number.parseInt(segments(dir)[0]!, 10);
const tombstones = (dir: string): Tombstone[] =>
  existsSync(`${dir}/tombstones.jsonl`)
    ? lines(`${dir}/tombstones.jsonl`).map((line) => parseTombstone(Buffer.from(line))!)
    : [];
const pruned = (dir: string): unknown[] =>
  events(dir).filter((record) => (record as { event: string }).event === "pruned");

function hold(dir: string, ...list: { readonly from: string | null; readonly to: string | null }[]): void {
  const t = "2026-11-21T12:00:00.000000Z";
  const holds: Holds = {
    next: 9,
    list: list.map((bounds, index) => ({ id: `hold-${index}`, reason: "a", t, ...bounds })),
  };
  writeFileSync(`${dir}-holds.json`, holdsFile(holds));
}

describe("segments", () => {
  it("end after a day, at a checkpoint, unless they are empty", () => {
    const { dir, clock, log } = daily(3, { segmentMs: DAY_MS });
    expect(segments(dir)).toHaveLength(4);
    clock.ms += 3 * DAY_MS;
    log.checkpoint();
    const before = segments(dir).length;
    clock.ms += 3 * DAY_MS;
    log.commit();
    expect(segments(dir)).toHaveLength(before);
    expect(verifyLog({ dir })).toMatchObject({ ok: true, pending: 0 });
  });

  it("are as old after a start as before it", () => {
    const { dir, clock, open } = daily(0, { segmentMs: DAY_MS });
    clock.ms += DAY_MS / 2;
    open({ segmentMs: DAY_MS });
    expect(segments(dir)).toHaveLength(1);
    clock.ms += DAY_MS / 2;
    open({ segmentMs: DAY_MS });
    expect(segments(dir)).toHaveLength(2);
  });
});

describe("what is not kept any longer", () => {
  it("goes by age, oldest first, behind a signed tombstone and a record", () => {
    const { dir, log, open } = daily(6, { retain: { ageMs: 3 * DAY_MS } });
    const records = [...readLines(dir)];
    const ends = segments(dir).map((name) => Number.parseInt(name, 10));
    maintain(log);
    const gone = tombstones(dir);
    expect(gone.map(({ first, size, reason }) => [first, size, reason])).toEqual([
      [0, ends[1], "age"],
      [ends[1], ends[2], "age"],
    ]);
    expect(pruned(dir)).toEqual(gone.map(({ first, size, reason }) => ({ event: "pruned", first, size, reason })));
    expect(firstOf(dir)).toBe(ends[2]);
    expect(names(dir).filter((name) => Number.parseInt(name, 10) < ends[2]!)).toEqual([]);
    const firstSeq = ends[2]!;
    expect(verifyLog({ dir })).toMatchObject({ ok: true, firstSeq, pruned: 2, records: log.size - firstSeq });
    const key = readFileSync(`${dir}/key.pub`, "utf8");
    expect(verifyLog({ dir, key })).toMatchObject({ ok: true, trust: "given" });
    expect([...readLines(dir)].slice(0, 3)).toEqual(records.slice(firstSeq, firstSeq + 3));
    log.close();
    const again = open({ retain: { ageMs: 3 * DAY_MS } });
    expect(again.size).toBe(log.size + 1);
    maintain(again);
    expect(tombstones(dir)).toHaveLength(2);
    expect(verifyLog({ dir })).toMatchObject({ ok: true, firstSeq, pending: 0 });
  });

  it("goes by size", () => {
    const { dir, log } = daily(6, { retain: { bytes: 2000 } });
    maintain(log);
    const left = names(dir).filter((name) => /\.(zst|jsonl|leaves)$/.test(name) && /^\d/.test(name));
    expect(left.reduce((sum, name) => sum + readFileSync(`${dir}/${name}`).length, 0)).toBeLessThanOrEqual(2000);
    expect(new Set(tombstones(dir).map(({ reason }) => reason))).toEqual(new Set(["size"]));
    expect(tombstones(dir).length).toBeGreaterThan(1);
    expect(verifyLog({ dir })).toMatchObject({ ok: true });
    const tiny = daily(2, { retain: { bytes: 1 } });
    maintain(tiny.log);
    expect(segments(tiny.dir)).toHaveLength(1);
    expect(verifyLog({ dir: tiny.dir })).toMatchObject({ ok: true });
  });

  it("is nothing where nothing is said", () => {
    const { dir, log } = daily(6);
    maintain(log);
    expect(tombstones(dir)).toEqual([]);
    expect(names(dir)).not.toContain("tombstones.jsonl");
  });

  it("is found gone by every reader", async () => {
    const { dir, log } = daily(6, { retain: { ageMs: 3 * DAY_MS } });
    maintain(log);
    const first = firstOf(dir);
    expect([...readRecords(dir)].map(({ seq }) => seq)[0]).toBe(first);
    expect([...readRecords(dir, { fromSeq: 2 })]).toHaveLength(log.size - first);
    expect(countRecords(dir)).toBe(log.size);
    const seen: string[] = [];
    for await (const line of tailLog({ dir, fromSeq: 0 })) seen.push(line);
    expect(seen).toEqual([...readLines(dir)]);
    const reader = new LogReader(dir);
    expect(reader.line(0)).toBeUndefined();
    expect(reader.line(first)?.toString()).toBe(seen[0]);
    reader.close();
  });

  it("waits a day where the clock leapt ahead", () => {
    const { dir, clock, log, open } = daily(3, { retain: { ageMs: 30 * DAY_MS } });
    maintain(log);
    log.close();
    clock.ms += 400 * DAY_MS;
    const again = open({ segmentMs: DAY_MS, retain: { ageMs: 30 * DAY_MS } });
    maintain(again);
    for (let hour = 0; hour < 23; hour++) {
      clock.ms += HOUR_MS;
      maintain(again);
    }
    expect(tombstones(dir)).toEqual([]);
    clock.ms += HOUR_MS;
    maintain(again);
    expect(tombstones(dir).length).toBeGreaterThan(1);
  });

  it("has peaks made again where an earlier version kept none, and stays where they cannot be", () => {
    const without = (broken: boolean) => {
      const { dir, log } = daily(4, { retain: { ageMs: 2 * DAY_MS } });
      const [, second = ""] = segments(dir);
      rmSync(`${dir}/${second.replace("jsonl", "peaks")}`);
      if (broken) rmSync(`${dir}/${FIRST.replace("jsonl", "leaves")}`);
      return { dir, log };
    };
    const sound = without(false);
    maintain(sound.log);
    expect(tombstones(sound.dir).length).toBeGreaterThan(0);
    expect(verifyLog({ dir: sound.dir })).toMatchObject({ ok: true });
    const broken = without(true);
    expect(codeOf(() => maintain(broken.log))).toBe("ERR_AUDIT_FAILED");
    expect(broken.log.work).toBe("retention");
    expect([broken.log.maintain(), broken.log.state]).toEqual([false, "open"]);
    expect(segments(broken.dir)[0]).toBe(`${FIRST}.zst`);
  });
});

describe("a legal hold", () => {
  const at = (day: number): string => new Date(NOON + day * DAY_MS).toISOString().replace("Z", "000Z");

  it("keeps what it is about, and what came after that", () => {
    const { dir, log, clock } = daily(8, { retain: { ageMs: 2 * DAY_MS } });
    hold(dir, { from: at(2.2), to: at(2.6) });
    maintain(log);
    expect(tombstones(dir)).toHaveLength(2);
    hold(dir, { from: null, to: at(-3) }, { from: at(200), to: null });
    maintain(log);
    expect(tombstones(dir)).toHaveLength(2);
    clock.ms += HOUR_MS;
    maintain(log);
    expect(tombstones(dir).length).toBeGreaterThan(3);
    expect(verifyLog({ dir })).toMatchObject({ ok: true });
  });

  it("keeps everything where it has no bounds, or cannot be read", () => {
    const { dir, log, clock } = daily(5, { retain: { ageMs: DAY_MS } });
    hold(dir, { from: null, to: null });
    maintain(log);
    for (const text of [
      "no json",
      "[]",
      "null",
      '{"version":2,"next":1,"holds":[]}',
      '{"version":1,"next":1,"holds":[{}]}',
    ]) {
      writeFileSync(`${dir}-holds.json`, text);
      clock.ms += HOUR_MS;
      expect(codeOf(() => maintain(log))).toBe("ERR_AUDIT_HOLDS");
    }
    expect(tombstones(dir)).toEqual([]);
    hold(dir);
    clock.ms += HOUR_MS;
    maintain(log);
    expect(tombstones(dir).length).toBeGreaterThan(2);
  });

  it("gets a number that no other had, and there are only so many", () => {
    const path = `${temporaryFolder()}/holds.json`;
    const request = { reason: "a", from: null, to: null, t: at(0) };
    for (let number = 1; number <= 100; number++) expect(addHold(path, request).id).toBe(`hold-${number}`);
    expect(codeOf(() => addHold(path, request))).toBe("ERR_AUDIT_HOLDS");
    removeHold(path, "hold-100");
    expect(addHold(path, request).id).toBe("hold-101");
    expect(findHold(path, "hold-101")).toMatchObject(request);
    expect(codeOf(() => findHold(path, "hold-100"))).toBe("ERR_AUDIT_HOLDS");
  });

  it("that comes while a segment is being read still keeps it", () => {
    const { dir, log } = daily(5, { retain: { ageMs: DAY_MS } });
    while (segments(dir).some((name) => name.endsWith(".jsonl") && name !== segments(dir).at(-1))) log.maintain();
    while (log.work !== "retention") log.maintain();
    hold(dir, { from: null, to: null });
    maintain(log);
    expect(tombstones(dir)).toEqual([]);
  });
});

/** The file system of a process that is dead after `kill.at` more calls. */
function mortal(kill: { at: number }): WriteFs {
  const entries = Object.entries(nodeFs).map(([name, call]) => [
    name,
    (...parameters: unknown[]) => {
      if (kill.at-- <= 0) throw Object.assign(new Error("killed"), { code: "EKILLED" });
      return (call as (...all: unknown[]) => unknown)(...parameters);
    },
  ]);
  return Object.fromEntries(entries) as WriteFs;
}

describe("a removal that is broken off", () => {
  it("at any call is finished by the next start, and the log verifies before and after", () => {
    const template = daily(3, { retain: {} });
    maintain(template.log);
    template.log.close();
    let done = false;
    for (let calls = 0; !done; calls++) {
      const folder = temporaryFolder();
      const made = testLog(folder);
      cpSync(template.dir, made.dir, { recursive: true });
      cpSync(`${template.dir}-keys`, `${made.dir}-keys`, { recursive: true });
      made.clock.ms = template.clock.ms;
      const kill = { at: Number.POSITIVE_INFINITY };
      const log = made.open({ retain: { ageMs: 1.5 * DAY_MS }, fs: mortal(kill) });
      kill.at = calls;
      done = codeOf(() => maintain(log)) === "nothing was thrown";
      expect(verifyLog({ dir: made.dir }), `after ${calls} calls`).toMatchObject({ ok: true });
      const again = made.open({});
      maintain(again);
      again.close();
      const removed = tombstones(made.dir);
      expect(firstOf(made.dir)).toBe(removed.at(-1)?.size ?? 0);
      expect(names(made.dir).filter((name) => Number.parseInt(name, 10) < firstOf(made.dir))).toEqual([]);
      expect(pruned(made.dir).length).toBeGreaterThanOrEqual(removed.length);
      expect(verifyLog({ dir: made.dir })).toMatchObject({ ok: true, pending: 0 });
      rmSync(folder, { recursive: true });
      expect(calls).toBeLessThan(200);
    }
  });

  it("for want of room goes on when there is some", () => {
    const { fs, failing } = failingFs();
    const { dir, log, clock } = daily(4, { retain: { ageMs: 2 * DAY_MS }, fs });
    while (segments(dir).filter((name) => name.endsWith(".jsonl")).length > 1) log.maintain();
    failing.set("writeSync", "ENOSPC");
    expect(codeOf(() => maintain(log))).toBe("ERR_AUDIT_FULL");
    expect(log.state).toBe("open");
    failing.clear();
    clock.ms += HOUR_MS;
    maintain(log);
    expect(tombstones(dir).length).toBeGreaterThan(0);
    expect(verifyLog({ dir })).toMatchObject({ ok: true });
  });
});

describe("a beginning that is missing", () => {
  let files: Map<string, Buffer>;
  let keys: Map<string, Buffer>;

  beforeAll(() => {
    const made = daily(6, { retain: { ageMs: 3 * DAY_MS } });
    maintain(made.log);
    made.log.close();
    [files, keys] = [contents(made.dir), contents(`${made.dir}-keys`)];
  });

  const contents = (dir: string): Map<string, Buffer> =>
    new Map(names(dir).map((name) => [name, readFileSync(`${dir}/${name}`)]));

  const changed = (changes: Readonly<Record<string, string | Uint8Array | null>>): string => {
    const folder = temporaryFolder();
    for (const [name, bytes] of files) writeFileSync(`${folder}/${name}`, bytes);
    for (const [name, bytes] of Object.entries(changes)) {
      if (bytes === null) rmSync(`${folder}/${name}`);
      else writeFileSync(`${folder}/${name}`, bytes);
    }
    return folder;
  };
  const damageOf = (changes: Readonly<Record<string, string | Uint8Array | null>>): DamagedLog =>
    verifyLog({ dir: changed(changes) }) as DamagedLog;
  const list = (): string[] => files.get("tombstones.jsonl")!.toString().trimEnd().split("\n");
  const written = (...all: readonly string[]): string => all.map((line) => `${line}\n`).join("");

  it("without its tombstones is damage, and so is more that is gone", () => {
    const [one = "", two = ""] = list();
    const { size } = parseTombstone(Buffer.from(one))!;
    const all = Object.keys(Object.fromEntries(files)).filter((name) => /^\d+\.jsonl/.test(name));
    const first = Number.parseInt(all[0]!, 10);
    expect(damageOf({ "tombstones.jsonl": null })).toMatchObject({ ok: false, seq: 0 });
    expect(damageOf({ "tombstones.jsonl": written(one) })).toMatchObject({ ok: false, seq: size });
    expect(damageOf({ "tombstones.jsonl": written(two) })).toMatchObject({ ok: false, seq: 0 });
    expect(damageOf({ "tombstones.jsonl": written(one, one, two) })).toMatchObject({ ok: false, seq: size });
    expect(damageOf({ [all[0]!]: null })).toMatchObject({ ok: false, seq: first });
    const base = all[0]!.slice(0, 12);
    expect(damageOf({ [`${base}.peaks`]: null })).toMatchObject({ ok: false, seq: first });
    expect(damageOf({ [`${base}.peaks`]: new Uint8Array(32) })).toMatchObject({ ok: false, seq: first });
    expect(damageOf({ "tombstones.jsonl": written(one, two).slice(0, -1) })).toMatchObject({ ok: false });
    expect(damageOf({ "tombstones.jsonl": `${written(one, two)}{"log":` })).toMatchObject({ ok: true });
  });

  it("shows every byte of a tombstone that was changed", () => {
    const bytes = files.get("tombstones.jsonl")!;
    for (let at = 0; at < bytes.length; at += 17) {
      const other = Buffer.from(bytes);
      other[at]! ^= 1;
      expect(damageOf({ "tombstones.jsonl": other }).ok, `byte ${at}`).toBe(false);
    }
  });

  it("cannot be excused by a tombstone that the log's keys did not sign", () => {
    const [one = "", two = ""] = list();
    const real = parseTombstone(Buffer.from(two))!;
    const sig = Buffer.alloc(64, 1).toString("base64");
    for (const lie of [
      { sig },
      { epoch: 0 },
      { epoch: 99 },
      { t: "2026-11-21T12:00:00.000000Z" },
      { root: real.root.replace(/^./, "A") },
    ]) {
      expect(damageOf({ "tombstones.jsonl": written(one, tombstoneLine({ ...real, ...lie })) })).toMatchObject({
        ok: false,
        segment: "tombstones.jsonl",
      });
    }
  });

  it("does not let the site start", () => {
    const start = (changes: Readonly<Record<string, string | Uint8Array | null>>): string => {
      const folder = temporaryFolder();
      const made = testLog(folder);
      cpSync(changed(changes), made.dir, { recursive: true });
      mkdirSync(`${made.dir}-keys`);
      for (const [name, bytes] of keys) writeFileSync(`${made.dir}-keys/${name}`, bytes);
      return codeOf(() => made.open());
    };
    const [one = "", two = ""] = list();
    const real = parseTombstone(Buffer.from(two))!;
    const forged = tombstoneLine({ ...real, sig: Buffer.alloc(64, 1).toString("base64") });
    const base = [...files.keys()][0]!.slice(0, 12);
    expect(start({})).toBe("nothing was thrown");
    expect(start({ [`${base}.leaves`]: null })).toBe("nothing was thrown");
    for (const changes of [
      { "tombstones.jsonl": null },
      { "tombstones.jsonl": written(one) },
      { "tombstones.jsonl": written(one, forged) },
      { "tombstones.jsonl": written(one, tombstoneLine({ ...real, epoch: 99 })) },
      { [`${base}.peaks`]: null },
    ]) {
      expect(start(changes)).toBe("ERR_AUDIT_TAMPERED");
    }
  });
});
