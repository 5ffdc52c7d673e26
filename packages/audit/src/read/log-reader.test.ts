import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import type { AuditLog } from "../log/audit-log.ts";
import { body, names, type TestLog, testLog } from "../testing/logs.ts";
import { sampleLog } from "../testing/sample-log.ts";
import { LogReader } from "./log-reader.ts";
import { readLines } from "./records.ts";

const FIRST = "000000000000.jsonl";

/** A segment of 600 KiB and what comes after it; one record in it is longer than a compressed slice. */
function large(): TestLog & { readonly log: AuditLog } {
  const made = testLog();
  const log = made.open({ segmentBytes: 600_000 });
  while (log.size < 6000) {
    for (let number = 0; number < 500; number++) log.append(body(number, number % 7 === 0 ? "x".repeat(300) : ""));
    if (log.size === 1002) log.append(body(0, "y".repeat(200_000)));
    log.commit();
  }
  expect(names(made.dir).filter((name) => name.endsWith(".jsonl"))).toHaveLength(3);
  return { ...made, log };
}

/** Some numbers below `end` in no order. */
const scattered = (end: number): number[] => Array.from({ length: 60 }, (_, index) => (index * 7919) % end);

describe("LogReader", () => {
  it("reads any record of plain and compressed segments, forwards and backwards", () => {
    const dir = sampleLog().copy();
    const lines = [...readLines(dir)];
    const reader = new LogReader(dir);
    const order = [...lines.keys()];
    for (const seq of [...order, ...order.toReversed(), ...order.filter((number) => number % 7 === 0)]) {
      expect(reader.line(seq)?.toString()).toBe(lines[seq]);
    }
    expect(reader.line(lines.length)).toBeUndefined();
    reader.close();
  });

  it("finds records far apart in large segments, plain and compressed, and those that are written meanwhile", () => {
    const { dir, log } = large();
    const lines = [...readLines(dir)];
    const reader = new LogReader(dir);
    for (const round of ["plain", "compressed"]) {
      for (const seq of scattered(lines.length)) expect(reader.line(seq)?.toString(), round).toBe(lines[seq]);
      expect(reader.line(lines.length)).toBeUndefined();
      while (log.maintain()) expect(log.state).toBe("open");
    }
    log.append(body(9));
    expect(reader.line(lines.length)).toBeUndefined();
    log.commit();
    expect(reader.line(lines.length)?.toString()).toContain('"number":9,');
    rmSync(`${dir}/${FIRST}.zst`);
    expect(new LogReader(dir).line(17)).toBeUndefined();
    reader.close();
  });

  it("reads on from the beginning where a line tells a wrong number", () => {
    const { dir } = large();
    const lines = [...readLines(dir)];
    const file = `${dir}/${FIRST}`;
    writeFileSync(file, readFileSync(file, "utf8").replace(/\{"seq":(2\d\d\d),/g, '{"seq":9$1,'));
    const reader = new LogReader(dir);
    for (const seq of [100, 1900, 3100]) expect(reader.line(seq)?.toString()).toBe(lines[seq]);
    reader.close();
  });

  it("says that a folder holds no log", () => {
    expect(() => new LogReader("/nowhere")).toThrow(expect.objectContaining({ code: "ERR_AUDIT_NO_LOG" }));
  });
});
