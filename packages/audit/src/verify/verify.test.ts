import { rmSync, truncateSync, writeFileSync } from "node:fs";
import { gunzipSync } from "node:zlib";
import { beforeAll, describe, expect, it } from "vitest";
import { temporaryFolder } from "../testing/folder.ts";
import { body, codeOf, testLog } from "../testing/logs.ts";
import { type SampleLog, sampleLog, textLines } from "../testing/sample-log.ts";
import { verifyLog } from "./verify.ts";

let sample: SampleLog;

beforeAll(() => {
  sample = sampleLog();
});

describe("a log as it was written", () => {
  it("has all there is to have in it", () => {
    const kinds = [...sample.files.keys()].map((name) => name.replace(/^\d+/, ""));
    expect(new Set(kinds)).toEqual(
      new Set([".jsonl", ".jsonl.gz", ".jsonl.zst", ".leaves", ".peaks", "checkpoints.jsonl", "key.pub"]),
    );
    expect(sample.plain).not.toBe(sample.newest);
  });

  it("verifies, with the key from the folder or given", () => {
    const { covered, total, sizes, files } = sample;
    const dir = sample.copy();
    const expected = { ok: true, records: total, pending: total - covered, checkpoints: sizes.length };
    expect(verifyLog({ dir })).toEqual({ ...expected, root: expect.stringMatching(/^[\w+/]{43}=$/), trust: "folder" });
    const key = files.get("key.pub")!.toString();
    expect(verifyLog({ dir, key })).toMatchObject({ ...expected, trust: "given" });
    rmSync(`${dir}/key.pub`);
    expect(verifyLog({ dir, key })).toMatchObject({ ...expected, trust: "given" });
  });

  it("verifies without its leaf hashes, which can be made again", () => {
    const leaves = [...sample.files.keys()].filter((name) => name.endsWith(".leaves"));
    expect(sample.verify(Object.fromEntries(leaves.map((name) => [name, null])))).toMatchObject({ ok: true });
  });

  it("verifies without its peaks, as a log of an earlier version stands there", () => {
    const peaks = [...sample.files.keys()].filter((name) => name.endsWith(".peaks"));
    expect(sample.verify(Object.fromEntries(peaks.map((name) => [name, null])))).toMatchObject({ ok: true });
  });

  it("verifies while a record and a checkpoint are being written", () => {
    const { files, newest, total } = sample;
    const line = Buffer.from(`{"seq":${total},${body(1)}\n`);
    const checkpoints = files.get("checkpoints.jsonl")!;
    const last = textLines(checkpoints).at(-1)!;
    for (let length = 0; length < line.length; length += 5) {
      const result = sample.verify({
        [newest]: Buffer.concat([files.get(newest)!, line.subarray(0, length)]),
        "checkpoints.jsonl": Buffer.concat([checkpoints, Buffer.from(last.slice(0, length))]),
      });
      expect(result).toMatchObject({ ok: true, records: total });
    }
  });

  it("takes the plain file where a crash left both", () => {
    const gz = sample.segments.find((name) => name.endsWith(".gz"))!;
    const result = sample.verify({ [gz.slice(0, -3)]: gunzipSync(sample.files.get(gz)!) });
    expect(result).toMatchObject({ ok: true, records: sample.total });
  });

  it("tells how far it is", () => {
    const { dir, open } = testLog();
    const log = open();
    for (let number = 0; number < 9000; number++) log.append(body(number));
    log.checkpoint();
    const seen: number[] = [];
    verifyLog({ dir, progress: (records) => seen.push(records) });
    expect(seen).toEqual([8192]);
  });
});

describe("what cannot be verified", () => {
  it("is a folder without a log, or a key that is none", () => {
    expect(codeOf(() => verifyLog({ dir: "/no/such/folder" }))).toBe("ERR_AUDIT_NO_LOG");
    expect(codeOf(() => verifyLog({ dir: temporaryFolder() }))).toBe("ERR_AUDIT_NO_LOG");
    expect(codeOf(() => verifyLog({ dir: sample.copy(), key: "hello" }))).toBe("ERR_AUDIT_KEY");
    expect(codeOf(() => verifyLog({ dir: "/dev/null" }))).toBe("ENOTDIR");
  });

  it("is not a log of which only parts are left: that is damage", () => {
    expect(sample.verify({ "key.pub": null })).toMatchObject({ ok: false, seq: 0 });
    const dir = temporaryFolder();
    writeFileSync(`${dir}/key.pub`, sample.files.get("key.pub")!);
    expect(verifyLog({ dir })).toMatchObject({ ok: false, seq: 0, segment: "000000000000.jsonl" });
    writeFileSync(`${dir}/checkpoints.jsonl`, sample.files.get("checkpoints.jsonl")!);
    expect(verifyLog({ dir })).toMatchObject({ ok: false, seq: 0, segment: "000000000000.jsonl" });
    const copy = sample.copy();
    truncateSync(`${copy}/000000000000.leaves`, 0);
    expect(verifyLog({ dir: copy })).toMatchObject({ ok: false, seq: 0 });
  });
});
