import { appendFileSync, readFileSync, truncateSync, writeFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import type { AuditLog } from "../log/audit-log.ts";
import { temporaryFolder } from "../testing/folder.ts";
import { body, codeOf, names, type TestLog, testLog } from "../testing/logs.ts";
import { readLines, readRecords } from "./records.ts";
import { countRecords, type TailOptions, tailLog } from "./tail.ts";

const FIRST = "000000000000.jsonl";

/** 42 records in several segments, the first of them compressed. */
function filled(): TestLog & { readonly log: AuditLog } {
  const made = testLog();
  const log = made.open({ segmentBytes: 800 });
  for (let number = 2; number < 42; number++) {
    log.append(body(number));
    log.commit();
    if (number === 20) while (log.maintain()) expect(log.state).toBe("open");
  }
  expect(names(made.dir).some((name) => name.endsWith(".zst"))).toBe(true);
  return { ...made, log };
}

const seqOf = (line: string): number => (JSON.parse(line) as { seq: number }).seq;
const range = (from: number, to: number): number[] => Array.from({ length: to - from }, (_, index) => from + index);

async function tail(options: TailOptions, until = Number.POSITIVE_INFINITY): Promise<number[]> {
  const seen: number[] = [];
  for await (const line of tailLog(options)) {
    seen.push(seqOf(line));
    if (seen.length === until) break;
  }
  return seen;
}

describe("readLines and readRecords", () => {
  it("give all records from any place on, across segments", () => {
    const { dir } = filled();
    expect([...readLines(dir)].map(seqOf)).toEqual(range(0, 42));
    for (const fromSeq of [1, 20, 41, 42, 100]) {
      expect([...readRecords(dir, { fromSeq })].map(({ seq }) => seq)).toEqual(range(fromSeq, Math.max(42, fromSeq)));
    }
  });

  it("leave an unfinished line out, and end at damage", () => {
    const { dir, log } = filled();
    log.close();
    const newest = names(dir)
      .filter((name) => /^\d+\.jsonl$/.test(name))
      .at(-1)!;
    appendFileSync(`${dir}/${newest}`, '{"seq":');
    expect([...readLines(dir)]).toHaveLength(43);
    appendFileSync(`${dir}/${newest}`, "x\n");
    expect(codeOf(() => [...readRecords(dir)])).toBe("ERR_AUDIT_TAMPERED");
    const packed = `${dir}/${FIRST}.zst`;
    writeFileSync(packed, readFileSync(packed).fill(0, 70, 80));
    expect(codeOf(() => [...readLines(dir)])).toBe("ERR_AUDIT_TAMPERED");
    expect(codeOf(() => [...readLines(temporaryFolder())])).toBe("ERR_AUDIT_NO_LOG");
  });
});

describe("tailLog", () => {
  it("begins where it is told, and ends at the end", async () => {
    const { dir } = filled();
    expect(countRecords(dir)).toBe(42);
    expect(await tail({ dir })).toEqual(range(32, 42));
    expect(await tail({ dir, last: 3 })).toEqual(range(39, 42));
    expect(await tail({ dir, last: 0 })).toEqual([]);
    expect(await tail({ dir, last: 100 })).toEqual(range(0, 42));
    expect(await tail({ dir, fromSeq: 5 })).toEqual(range(5, 42));
    expect(await tail({ dir, fromSeq: 50 })).toEqual([]);
    await expect(tail({ dir: temporaryFolder() })).rejects.toMatchObject({ code: "ERR_AUDIT_NO_LOG" });
  });

  it("follows what is written, across segments and compression, until the signal", async () => {
    const { dir, log } = filled();
    const stop = new AbortController();
    const seen: number[] = [];
    for await (const line of tailLog({ dir, follow: true, last: 1, pollMs: 1, signal: stop.signal })) {
      const seq = seqOf(line);
      seen.push(seq);
      if (seq === 70) stop.abort();
      else if (seq === log.size - 1) {
        for (let number = 0; number < 7; number++) {
          log.append(body(number));
          log.commit();
        }
        log.maintain();
      }
    }
    expect(seen).toEqual(range(41, 71));
    const ended = new AbortController();
    setTimeout(() => ended.abort(), 5);
    expect(await tail({ dir, follow: true, last: 1, signal: ended.signal })).toEqual([log.size - 1]);
    expect(await tail({ dir, follow: true, last: 1, signal: AbortSignal.abort() })).toEqual([]);
  });

  it("waits for a record that is not there yet", async () => {
    const { dir, log } = filled();
    const wait = tail({ dir, follow: true, fromSeq: 44, pollMs: 1 }, 1);
    for (let number = 0; number < 4; number++) {
      log.append(body(number));
      log.commit();
    }
    await expect(wait).resolves.toEqual([44]);
  });

  it("goes on behind a torn tail that a start cut off", async () => {
    const { dir, open } = testLog();
    const log = open();
    log.append(body(1));
    log.commit();
    const file = `${dir}/${FIRST}`;
    const torn =
      '{"seq":3,"t":"2026-11-21T12:00:00.000000Z","kind":"system","event":"torn and longer than what follows';
    appendFileSync(file, torn);
    const seen: number[] = [];
    const stop = new AbortController();
    for await (const line of tailLog({ dir, follow: true, fromSeq: 2, pollMs: 1, signal: stop.signal })) {
      seen.push(seqOf(line));
      if (seen.length === 1) setTimeout(() => open(), 5);
      if (seen.length === 3) stop.abort();
    }
    expect(seen).toEqual([2, 3, 4]);
  });

  it("ends with an error at damage", async () => {
    const { dir } = filled();
    const packed = `${dir}/${FIRST}.zst`;
    writeFileSync(packed, readFileSync(packed).fill(0, 70, 80));
    await expect(tail({ dir, fromSeq: 0 })).rejects.toMatchObject({ code: "ERR_AUDIT_TAMPERED" });
    const { dir: other } = filled();
    const newest = names(other)
      .filter((name) => /^\d+\.jsonl$/.test(name))
      .at(-1)!;
    truncateSync(`${other}/${newest}`, 0);
    appendFileSync(`${other}/${newest}`, "no record\n");
    const fromSeq = Number.parseInt(newest, 10);
    await expect(tail({ dir: other, fromSeq })).rejects.toMatchObject({ code: "ERR_AUDIT_TAMPERED" });
  });
});
