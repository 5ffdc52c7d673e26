import { describe, expect, it } from "vitest";
import { sampleLog } from "../testing/sample-log.ts";
import { LogReader } from "./log-reader.ts";
import { readLines } from "./records.ts";

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

  it("says that a folder holds no log", () => {
    expect(() => new LogReader("/nowhere")).toThrow(expect.objectContaining({ code: "ERR_AUDIT_NO_LOG" }));
  });
});
