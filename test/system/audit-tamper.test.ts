/** What somebody with the whole folder in their hands could do to a log, each tried in a copy. */
import { generateKeyPairSync, type KeyObject } from "node:crypto";
import { readFileSync, writeFileSync } from "node:fs";
import { LogReader, type VerifyResult, verifyLog } from "@modwarden/audit";
import { beforeAll, describe, expect, it } from "vitest";
import {
  type Checkpoint,
  checkpointLine,
  parseCheckpoint,
  signCheckpoint,
} from "../../packages/audit/src/log/checkpoint.ts";
import { tryFlips } from "../../packages/audit/src/testing/flips.ts";
import { lines, testLog } from "../../packages/audit/src/testing/logs.ts";
import { type SampleLog, sampleLog, textLines } from "../../packages/audit/src/testing/sample-log.ts";

let sample: SampleLog;
/** Every segment as its plain file, which a forger may put in the place of a compressed one. */
let plain: ReadonlyMap<string, readonly string[]>;

beforeAll(() => {
  sample = sampleLog();
  const reader = new LogReader(sample.copy());
  const all = Array.from({ length: sample.total }, (_, seq) => reader.line(seq)!.toString());
  reader.close();
  const firsts = sample.segments.map((name) => Number.parseInt(name, 10));
  plain = new Map(sample.segments.map((name, at) => [name, all.slice(firsts[at], firsts[at + 1])]));
});

const joined = (list: readonly string[]): Buffer => Buffer.from(list.map((line) => `${line}\n`).join(""));

/** What is said of a log in which one segment holds these lines. */
function withSegment(name: string, list: readonly string[]): VerifyResult {
  const file = name.replace(/\.jsonl.*/, ".jsonl");
  return sample.verify({ ...(file === name ? {} : { [name]: null }), [file]: joined(list) });
}

describe("tampering", () => {
  it("with any byte of any file, in a thousand places, is found and the record named", () => {
    tryFlips(sample, { numRuns: 1000, seed: 20_261_122 });
  });

  it("with records of any segment is found at the record: removed, inserted, doubled, swapped, dated back", () => {
    for (const [name, list] of plain) {
      const first = Number.parseInt(name, 10);
      expect(withSegment(name, list)).toMatchObject({ ok: true, records: sample.total });
      for (const [at, line] of list.entries()) {
        const seq = first + at;
        const found = (result: VerifyResult) => (result.ok ? "not found" : result.seq);
        expect(found(withSegment(name, list.toSpliced(at, 1)))).toBe(seq);
        expect(found(withSegment(name, list.toSpliced(at, 0, line)))).toBe(seq + 1);
        expect(found(withSegment(name, list.with(at, line.replace('"t":"2026-', '"t":"2025-'))))).toBe(seq);
        const inserted = `{"seq":${seq},"t":"2026-11-21T12:00:00.000000Z","kind":"finding","number":99}`;
        expect(found(withSegment(name, list.toSpliced(at, 0, inserted)))).toBe(seq);
        if (at > 0) expect(found(withSegment(name, list.toSpliced(at - 1, 2, line, list[at - 1]!)))).toBe(seq - 1);
      }
    }
  });

  it("by a segment as it stood earlier is found at the first record that is missing", () => {
    for (const [name, list] of plain) {
      const first = Number.parseInt(name, 10);
      const leaves = name.replace(/\.jsonl.*/, ".leaves");
      const file = name.replace(/\.jsonl.*/, ".jsonl");
      for (let kept = 0; kept < list.length; kept++) {
        if (first + kept >= sample.covered) continue;
        const result = sample.verify({
          ...(file === name ? {} : { [name]: null }),
          [file]: joined(list.slice(0, kept)),
          [leaves]: sample.files.get(leaves)!.subarray(0, 32 * kept),
        });
        expect(result.ok).toBe(false);
        // Without the leaf hashes that were cut off as well, no more is sure than the checkpoint before.
        const least = sample.sizes.findLast((size) => size <= first + kept) ?? 0;
        expect(result.ok ? -1 : result.seq).toBeGreaterThanOrEqual(least);
        expect(result.ok ? -1 : result.seq).toBeLessThanOrEqual(first + kept);
      }
    }
  });

  it("by signing everything anew is found with the first key, and only with it", () => {
    const copy = sample.copy();
    const given = sample.files.get("key.pub")!.toString();
    const list = textLines(sample.files.get("checkpoints.jsonl")!).map((line) => parseCheckpoint(Buffer.from(line))!);
    const keys = list.map(() => generateKeyPairSync("ed25519"));
    const text = (key: KeyObject) => key.export({ format: "der", type: "spki" }).toString("base64");
    const forged = list.map((one: Checkpoint) => {
      const next = one.next === null ? null : text(keys[one.epoch + 1]!.publicKey);
      return signCheckpoint({ ...one, next }, keys[one.epoch]!.privateKey);
    });
    writeFileSync(`${copy}/checkpoints.jsonl`, joined(forged.map(checkpointLine)));
    writeFileSync(
      `${copy}/key.pub`,
      `-----BEGIN PUBLIC KEY-----\n${text(keys[0]!.publicKey)}\n-----END PUBLIC KEY-----\n`,
    );
    expect(verifyLog({ dir: copy })).toMatchObject({ ok: true, trust: "folder" });
    expect(verifyLog({ dir: copy, key: given })).toMatchObject({ ok: false, seq: 0 });
    writeFileSync(`${copy}/key.pub`, given);
    expect(verifyLog({ dir: copy, key: given })).toMatchObject({ ok: false, seq: 0 });
  });

  it("with checkpoints, each dropped or changed, is found, by the log itself or by its witness", () => {
    const list = textLines(sample.files.get("checkpoints.jsonl")!);
    const counted = list.findLastIndex((line) => !line.includes('"next":null'));
    const dir = sample.copy();
    const witness = `${sample.copy()}/checkpoints.jsonl`;
    for (const at of list.keys()) {
      writeFileSync(`${dir}/checkpoints.jsonl`, joined(list.toSpliced(at, 1)));
      if (at <= counted) expect(verifyLog({ dir }).ok, `checkpoint ${at}`).toBe(false);
      expect(verifyLog({ dir, witness }).ok, `checkpoint ${at}`).toBe(false);
      writeFileSync(`${dir}/checkpoints.jsonl`, joined(list.with(at, list[at]!.replace('"t":"2026', '"t":"2025'))));
      expect(verifyLog({ dir }).ok).toBe(false);
    }
  });
});

describe("twenty other logs", () => {
  it("hold as they were written", () => {
    for (let number = 0; number < 20; number++) {
      const { dir, clock, open } = testLog();
      const segmentBytes = 300 + 137 * number;
      let log = open({ segmentBytes });
      for (let record = 0; record < 10 + 7 * number; record++) {
        log.record("finding", { record, text: "äx\n".repeat(record % 5) });
        if (record % (1 + (number % 4)) === 0) log.commit();
        if (record % (2 + (number % 7)) === 0) log.checkpoint();
        if (record % 31 === 30) clock.ms += 43_200_000;
        if (record % 47 === 46 && number % 2 === 0) log.close();
        if (record % 47 === 46) log = open({ segmentBytes });
        for (let more = record % 19 === 18; more; ) more = log.maintain();
      }
      if (number % 3 > 0) log.close();
      const key = readFileSync(`${dir}/key.pub`, "utf8");
      const result = verifyLog({ dir, key, witness: `${dir}/checkpoints.jsonl` });
      expect(result).toMatchObject({ ok: true, trust: "given", witnessed: lines(`${dir}/checkpoints.jsonl`).length });
      expect(result).not.toHaveProperty("clock");
    }
  });
});
