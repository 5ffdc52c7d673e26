import { rmSync, writeFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { codeOf } from "../testing/logs.ts";
import { sampleLog } from "../testing/sample-log.ts";
import { logIdOf } from "./log-id.ts";
import { readRecords } from "./records.ts";

describe("logIdOf", () => {
  it("finds the id in a checkpoint, or in record 0 where there is none, and says where there is neither", () => {
    const sample = sampleLog();
    const dir = sample.copy();
    const [first] = readRecords(dir);
    expect(logIdOf(dir)).toBe(first?.["log"]);
    const [segment] = sample.segments;
    rmSync(`${dir}/${segment}`);
    expect(logIdOf(dir)).toBe(first?.["log"]);
    const other = sample.copy();
    writeFileSync(`${other}/checkpoints.jsonl`, "no checkpoint\n");
    const [theirs] = readRecords(other);
    expect(logIdOf(other)).toBe(theirs?.["log"]);
    rmSync(`${dir}/checkpoints.jsonl`);
    expect(codeOf(() => logIdOf(dir))).toBe("ERR_AUDIT_NO_LOG");
    expect(codeOf(() => logIdOf(`${dir}/nowhere`))).toBe("ERR_AUDIT_NO_LOG");
  });
});
