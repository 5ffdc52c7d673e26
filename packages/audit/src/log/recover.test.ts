import { createHash } from "node:crypto";
import {
  appendFileSync,
  copyFileSync,
  cpSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { TamperedError } from "../error.ts";
import { readRecords } from "../read/records.ts";
import { type AuditRecord, serialiseRecord } from "../record/record.ts";
import { temporaryFolder } from "../testing/folder.ts";
import { body, codeOf, lines, names, type TestLog, testLog } from "../testing/logs.ts";
import { verifyLog } from "../verify/verify.ts";

const FIRST = "000000000000.jsonl";
const COVERED = 12;

/** A log as a crash leaves it: 12 records under a checkpoint, 5 whole ones behind it. */
function crashed(): TestLog {
  const log = testLog();
  const open = log.open();
  for (let number = 2; number < COVERED; number++) open.append(body(number));
  open.checkpoint();
  for (let number = 0; number < 5; number++) open.append(body(number));
  open.commit();
  return log;
}

const records = (dir: string, file = FIRST): AuditRecord[] =>
  lines(`${dir}/${file}`).map((line) => JSON.parse(line) as AuditRecord);

function tamperedAt(open: () => unknown): [number, string] {
  try {
    open();
  } catch (error) {
    if (error instanceof TamperedError) return [error.seq, error.segment];
    throw error;
  }
  throw new Error("it opened");
}

describe("opening after a crash", () => {
  it("keeps whole records that no checkpoint covered", () => {
    const { dir, open } = crashed();
    const log = open();
    expect(log.size).toBe(COVERED + 5 + 1);
    expect(records(dir).some(({ event }) => event === "recovery")).toBe(false);
    // That nothing vouched for them is on record.
    expect(records(dir).at(-1)).toMatchObject({ event: "start", clean: false, uncovered: 5 });
    expect(verifyLog({ dir })).toMatchObject({ ok: true, pending: 0 });
  });

  it.each([Number.POSITIVE_INFINITY, 1])(
    "takes nothing up behind a clean stop (segments of %s bytes)",
    (segmentBytes) => {
      const { dir, open } = testLog();
      const log = open({ segmentBytes });
      log.close();
      const newest = `${dir}/${names(dir).findLast((name) => /^\d+\.jsonl$/.test(name))}`;
      const stopped = readFileSync(newest);
      const put = (seq: number, text: string): void => appendFileSync(newest, `{"seq":${seq},${text}\n`);
      const { size } = log;
      put(size, body(1, "never happened"));
      expect(verifyLog({ dir })).toMatchObject({ ok: false, seq: size });
      expect(tamperedAt(open)[0]).toBe(size);
      // A start that was broken off before its checkpoint leaves this, and hides nothing behind it.
      writeFileSync(newest, stopped);
      put(size, serialiseRecord("2026-11-21T12:00:00.000000Z", "system", { event: "start", epoch: 1, clean: true }));
      expect(verifyLog({ dir })).toMatchObject({ ok: true, pending: 1 });
      put(size + 1, body(1, "never happened"));
      expect(verifyLog({ dir })).toMatchObject({ ok: false, seq: size + 1 });
      expect(tamperedAt(open)[0]).toBe(size + 1);
      writeFileSync(newest, stopped);
      open().close();
      const starts = [...readRecords(dir)].filter(({ event }) => event === "start");
      expect(starts.map(({ clean, uncovered }) => [clean, uncovered])).toEqual([
        [true, undefined],
        [true, undefined],
      ]);
    },
  );

  it("cuts a torn tail off wherever it is torn, records that, and verifies", () => {
    const template = crashed();
    const whole = readFileSync(`${template.dir}/${FIRST}`);
    const covered = Buffer.byteLength(lines(`${template.dir}/${FIRST}`).slice(0, COVERED).join("\n")) + 1;
    const garbage = fc.oneof(fc.uint8Array({ maxLength: 40 }), fc.constant(new Uint8Array(4096)));
    fc.assert(
      fc.property(fc.integer({ min: covered, max: whole.length }), garbage, (length, more) => {
        const folder = temporaryFolder();
        const { dir, open } = testLog(folder);
        cpSync(template.dir, dir, { recursive: true });
        cpSync(`${template.dir}-keys`, `${dir}-keys`, { recursive: true });
        const left = Buffer.concat([whole.subarray(0, length), more]);
        writeFileSync(`${dir}/${FIRST}`, left);
        open().close();
        expect(verifyLog({ dir })).toMatchObject({ ok: true, pending: 0 });
        const recovery = records(dir).find(({ event }) => event === "recovery");
        const kept = whole.subarray(0, whole.lastIndexOf(10, length - 1) + 1);
        const cut = left.subarray(kept.length);
        if (cut.length === 0) expect(recovery).toBeUndefined();
        else {
          expect(recovery).toMatchObject({
            kind: "system",
            cutBytes: cut.length,
            sha256: createHash("sha256").update(cut).digest("hex"),
          });
        }
        rmSync(folder, { recursive: true });
      }),
      { numRuns: 60 },
    );
  });

  it("cuts off an unfinished checkpoint, and a key that no checkpoint names", () => {
    const { dir, open } = crashed();
    appendFileSync(`${dir}/checkpoints.jsonl`, '{"log":"');
    copyFileSync(`${dir}-keys/epoch-0.key`, `${dir}-keys/epoch-7.key`);
    open().close();
    expect(verifyLog({ dir })).toMatchObject({ ok: true });
    expect(names(`${dir}-keys`)).toEqual(["epoch-2.key", "frontier.json"]);
  });

  it("begins again when not even the making was finished", () => {
    const { dir, open } = testLog();
    open();
    rmSync(`${dir}/key.pub`);
    expect(tamperedAt(open)).toEqual([0, FIRST]);
    truncateSync(`${dir}/${FIRST}`, lines(`${dir}/${FIRST}`)[0]!.length + 1);
    truncateSync(`${dir}/checkpoints.jsonl`, lines(`${dir}/checkpoints.jsonl`)[0]!.length + 1);
    rmSync(`${dir}-keys/frontier.json`);
    expect(open().created).toBe(true);
    expect(verifyLog({ dir })).toMatchObject({ ok: true, records: 2 });
    rmSync(dir, { recursive: true });
    rmSync(`${dir}-keys/frontier.json`);
    expect(open().created).toBe(true);
  });

  it("does not begin again because the folder of a finished log is gone", () => {
    for (const close of [false, true]) {
      const { dir, open } = testLog();
      const log = open();
      if (close) log.close();
      rmSync(dir, { recursive: true });
      expect(tamperedAt(open)).toEqual([0, FIRST]);
      expect(names(`${dir}-keys`)).toContain(`epoch-${close ? 1 : 0}.key`);
    }
  });

  it("makes leaves again that are missing, short or wrong", () => {
    for (const harm of ["rm", "short", "flip"]) {
      const { dir, open } = crashed();
      const file = `${dir}/000000000000.leaves`;
      if (harm === "rm") rmSync(file);
      else if (harm === "short") truncateSync(file, 100);
      else writeFileSync(file, readFileSync(file).fill(0, 0, 32));
      open().close();
      expect(verifyLog({ dir })).toMatchObject({ ok: true });
      expect(records(dir).find(({ event }) => event === "recovery")).toMatchObject({ leavesRebuilt: true });
    }
  });

  it("makes leaves of a sealed segment again", () => {
    const { dir, open } = testLog();
    const log = open({ segmentBytes: 1000 });
    for (let number = 0; number < 30; number++) {
      log.append(body(number));
      log.commit();
    }
    truncateSync(`${dir}/000000000000.leaves`, 64);
    expect(verifyLog({ dir })).toMatchObject({ ok: false, seq: 2 });
    open().close();
    expect(verifyLog({ dir })).toMatchObject({ ok: true, pending: 0 });
  });

  it("does not need the frontier, nor trust it", () => {
    const { dir, open } = testLog();
    const log = open({ segmentBytes: 1000 });
    for (let number = 0; number < 30; number++) {
      log.append(body(number));
      log.commit();
    }
    const file = `${dir}-keys/frontier.json`;
    const good = readFileSync(file, "utf8");
    for (const text of [
      good.replace(/"size":\d+/, '"size":1'),
      good.replace(/[A-Za-z]=/, "x="),
      "{",
      "[]",
      "{}",
      "null",
      '{"size":"a","peaks":[]}',
    ]) {
      writeFileSync(file, text);
      open();
      expect(verifyLog({ dir })).toMatchObject({ ok: true });
    }
  });
});

describe("damage below the last checkpoint", () => {
  it("is reported with its record and not repaired", () => {
    const template = crashed();
    const whole = readFileSync(`${template.dir}/${FIRST}`);
    const all = lines(`${template.dir}/${FIRST}`);
    let offset = 0;
    for (let seq = 0; seq < COVERED; seq++) {
      const changed = Buffer.from(whole);
      changed[offset + 30]! ^= 1;
      writeFileSync(`${template.dir}/${FIRST}`, changed);
      expect(tamperedAt(template.open)).toEqual([seq, FIRST]);
      expect(readFileSync(`${template.dir}/${FIRST}`)).toEqual(changed);
      writeFileSync(`${template.dir}/${FIRST}`, whole.subarray(0, offset));
      expect(tamperedAt(template.open)).toEqual([seq, FIRST]);
      offset += all[seq]!.length + 1;
    }
  });

  it.each(["checkpoints.jsonl", "key.pub", FIRST])("is seen when %s is gone or empty", (name) => {
    const { dir, open } = crashed();
    truncateSync(`${dir}/${name}`, 0);
    expect(tamperedAt(open)[0]).toBe(0);
    rmSync(`${dir}/${name}`);
    expect(tamperedAt(open)[0]).toBe(0);
  });

  it("is seen when a segment in the middle is gone, with or without its leaves", () => {
    for (const leavesToo of [false, true]) {
      const { dir, open } = testLog();
      const log = open({ segmentBytes: 1000 });
      for (let number = 0; number < 30; number++) {
        log.append(body(number));
        log.commit();
      }
      const middle = names(dir).filter((name) => name.endsWith(".jsonl"))[1]!;
      rmSync(`${dir}/${middle}`);
      if (leavesToo) rmSync(`${dir}/${middle.replace("jsonl", "leaves")}`);
      expect(tamperedAt(open)[0]).toBe(Number.parseInt(middle, 10));
    }
  });

  it("is seen when the last checkpoints are cut off behind a change of keys", () => {
    const { dir, open } = crashed();
    const before = statSync(`${dir}/checkpoints.jsonl`).size;
    open();
    truncateSync(`${dir}/checkpoints.jsonl`, before);
    expect(tamperedAt(open)).toEqual([COVERED, FIRST]);
  });

  it("is seen when an older copy of the folder was put in its place, in the same epoch too", () => {
    const { dir, open } = testLog();
    const log = open({ segmentBytes: 1000 });
    cpSync(dir, `${dir}-copy`, { recursive: true });
    const { covered } = log;
    for (let number = 0; number < 30; number++) {
      log.append(body(number));
      log.commit();
    }
    expect(log.epoch).toBe(0);
    rmSync(dir, { recursive: true });
    cpSync(`${dir}-copy`, dir, { recursive: true });
    expect(tamperedAt(open)).toEqual([covered, FIRST]);
  });

  it("is seen when a checkpoint was signed by another key", () => {
    const { dir, open } = crashed();
    const file = `${dir}/checkpoints.jsonl`;
    const forged = readFileSync(file, "utf8").replace(/"sig":"..(?=[^\n]*\n$)/, '"sig":"zz');
    writeFileSync(file, forged);
    expect(tamperedAt(open)).toEqual([2, FIRST]);
  });
});

describe("the private key", () => {
  it("is asked for when it is missing, unreadable or another log's", () => {
    const { dir, open } = testLog();
    open().close();
    const other = testLog();
    other.open().close();
    const file = `${dir}-keys/epoch-1.key`;
    copyFileSync(`${other.dir}-keys/epoch-1.key`, file);
    expect(codeOf(open)).toBe("ERR_AUDIT_KEY");
    for (const text of ["{", "{}", "null", '{"private":"AAAA"}']) {
      writeFileSync(file, text);
      expect(codeOf(open)).toBe("ERR_AUDIT_KEY");
    }
    rmSync(file);
    expect(codeOf(open)).toBe("ERR_AUDIT_KEY");
    expect(verifyLog({ dir })).toMatchObject({ ok: true });
  });
});
