import { execFileSync } from "node:child_process";
import { mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { beforeAll, describe, expect, it } from "vitest";
import { packFrame } from "../log/zstd-frame.ts";
import { tryFlips, unpacked } from "../testing/flips.ts";
import { packMember } from "../testing/gzip-member.ts";
import { body, testLog } from "../testing/logs.ts";
import { type SampleLog, sampleLog, textLines } from "../testing/sample-log.ts";
import { verifyLog } from "./verify.ts";

let sample: SampleLog;

beforeAll(() => {
  sample = sampleLog();
});

const joined = (list: readonly string[]): Buffer => Buffer.from(list.map((line) => `${line}\n`).join(""));

describe("one changed byte", () => {
  // A thousand of them: test/system/audit-tamper.test.ts
  it("is found in any file, and the record named", () => tryFlips(sample, { numRuns: 150 }));

  it("is located by the checkpoints alone where the leaf hashes cannot be trusted", () => {
    const { plain, files, sizes } = sample;
    const first = Number.parseInt(plain, 10);
    const leaves = plain.replace("jsonl", "leaves");
    const before = sizes.findLast((size) => size <= first + 5)!;
    const wrong = Buffer.from(files.get(leaves)!).fill(7, 32 * (before - first), 32 * (before - first + 1));
    for (const what of ["text", "{"]) {
      const bytes = Buffer.from(files.get(plain)!);
      bytes[bytes.indexOf(what, bytes.indexOf(`{"seq":${first + 5},`))]! ^= 1;
      expect(sample.verify({ [plain]: bytes, [leaves]: null })).toMatchObject({ ok: false, seq: before });
      expect(sample.verify({ [plain]: bytes, [leaves]: wrong })).toMatchObject({ ok: false, seq: before });
    }
  });
});

describe("records", () => {
  it("that were removed, duplicated, reordered or invented are found", () => {
    const { plain: name } = sample;
    const list = textLines(sample.files.get(name)!);
    const first = Number.parseInt(name, 10);
    const seqWith = (at: number, remove: number, ...add: string[]) => {
      const result = sample.verify({ [name]: joined(list.toSpliced(at, remove, ...add)) });
      return result.ok ? "verified" : result.seq;
    };
    for (let at = 0; at < list.length; at++) {
      expect(seqWith(at, 1)).toBe(first + at);
      expect(seqWith(at, 0, list[at]!)).toBe(first + at + 1);
      expect(seqWith(at, list.length)).toBe(first + at);
      expect(seqWith(at, 1, `{"seq":${first + at},${body(99)}`)).toBe(first + at);
      if (at > 0) expect(seqWith(at - 1, 2, list[at]!, list[at - 1]!)).toBe(first + at - 1);
    }
  });

  it("cannot be cut off the end: a checkpoint covers them, or a leaf hash is left", () => {
    const { newest, files } = sample;
    const list = textLines(files.get(newest)!);
    const first = Number.parseInt(newest, 10);
    for (let keep = 0; keep < list.length; keep++) {
      const damage = { ok: false, seq: first + keep, segment: newest };
      expect(sample.verify({ [newest]: joined(list.slice(0, keep)) })).toMatchObject(damage);
    }
  });

  it("of a whole segment that is gone or exchanged are missed at its first", () => {
    const { segments, files } = sample;
    for (const name of segments) {
      expect(sample.verify({ [name]: null })).toMatchObject({ ok: false, seq: Number.parseInt(name, 10) });
    }
    const [one = "", other = ""] = segments;
    const exchanged = { [one]: files.get(other)!, [other]: files.get(one)! };
    expect(sample.verify(exchanged)).toMatchObject({ ok: false, seq: 0, segment: one });
  });

  it("that no log would write are damage even where their hashes are right", () => {
    const { dir, open } = testLog();
    const log = open();
    log.append('"t":"2026-11-21T12:00:00.000000Z","kind":"finding", "spaced":1}');
    log.append('"t":"2026-11-21T12:00:00.000000Z"}');
    log.commit();
    expect(verifyLog({ dir })).toMatchObject({ ok: false, seq: 2 });
    log.checkpoint();
    expect(verifyLog({ dir })).toMatchObject({ ok: false, seq: 2, segment: "000000000000.jsonl" });
  });

  it("of endless length are damage, and do not fill the memory", () => {
    const { newest, files, total } = sample;
    const endless = Buffer.concat([files.get(newest)!, Buffer.alloc(3_000_000, "x")]);
    expect(sample.verify({ [newest]: endless })).toMatchObject({ ok: false, seq: total });
  });
});

describe("a folder that somebody else hands over", () => {
  const places = () => ["key.pub", "checkpoints.jsonl", sample.plain, sample.newest];

  it.each([
    ["a folder", (path: string) => mkdirSync(path)],
    ["a pipe that never ends", (path: string) => execFileSync("sh", ["-c", `mkfifo "$0"`, path])],
    ["a link that leads nowhere", (path: string) => symlinkSync("nowhere", path)],
    ["a link to itself", (path: string) => symlinkSync(path, path)],
  ])("is damaged where a file is %s", (_what, put) => {
    for (const name of places()) {
      const dir = sample.copy();
      rmSync(`${dir}/${name}`);
      put(`${dir}/${name}`);
      expect(verifyLog({ dir })).toMatchObject({ ok: false, seq: Number.parseInt(name, 10) || 0 });
    }
  });

  it("names the segment that is missing", () => {
    expect(sample.verify({ [sample.plain]: null })).toMatchObject({ ok: false, segment: sample.plain });
  });

  it.each([
    [".jsonl.gz", packMember],
    [".jsonl.zst", packFrame],
  ])("is damaged where a segment and its form %s differ", (ending, pack) => {
    const name = sample.segments.find((other) => other.endsWith(ending))!;
    const plain = unpacked(name, sample.files.get(name)!);
    const dir = sample.copy();
    const segment = `${name.slice(0, 12)}.jsonl`;
    writeFileSync(`${dir}/${segment}`, plain);
    expect(verifyLog({ dir })).toMatchObject({ ok: true });
    const lines = textLines(plain);
    const pieces = [lines.slice(0, -1), [...lines, "{}"], ["{}", ...lines.slice(1)]].map((list) => pack(joined(list)));
    for (const other of [...pieces, Buffer.concat([pack(plain), Buffer.alloc(1)])]) {
      writeFileSync(`${dir}/${name}`, other);
      expect(verifyLog({ dir })).toMatchObject({ ok: false, segment });
    }
  });
});

describe("leaf hashes", () => {
  it("of sealed segments are as many as the records", () => {
    const name = sample.segments[0]!.replace(/\..*/, ".leaves");
    const bytes = sample.files.get(name)!;
    for (const more of [1, 32]) {
      expect(sample.verify({ [name]: Buffer.concat([bytes, Buffer.alloc(more)]) })).toMatchObject({ ok: false });
    }
    expect(sample.verify({ [name]: bytes.subarray(0, 64) })).toMatchObject({ ok: false, seq: 2 });
  });
});

describe("peaks", () => {
  it("are as many as their size demands, and rest on a checkpoint that is there", () => {
    const names = [...sample.files.keys()].filter((name) => name.endsWith(".peaks"));
    const [name = ""] = names;
    const bytes = sample.files.get(name)!;
    const seq = Number.parseInt(name, 10);
    for (const other of [Buffer.alloc(0), bytes.subarray(1), Buffer.concat([bytes, bytes]), Buffer.alloc(9999)]) {
      expect(sample.verify({ [name]: other })).toMatchObject({ ok: false, seq });
    }
    const list = textLines(sample.files.get("checkpoints.jsonl")!);
    const without = list.filter((line) => !line.includes(`"size":${seq},`));
    expect(without.length).toBe(list.length - 1);
    expect(sample.verify({ "checkpoints.jsonl": joined(without) })).toMatchObject({ ok: false, seq });
  });

  it("show that the log was cut at an earlier checkpoint, where they are forgotten", () => {
    const { files, newest } = sample;
    const last = Number.parseInt(newest, 10);
    const list = textLines(files.get("checkpoints.jsonl")!);
    const kept = list.filter((line) => (JSON.parse(line) as { size: number }).size < last);
    const seq = (JSON.parse(kept.at(-1)!) as { size: number }).size;
    const changes = Object.fromEntries([newest, newest.replace("jsonl", "leaves")].map((name) => [name, null]));
    expect(sample.verify({ ...changes, "checkpoints.jsonl": joined(kept) })).toMatchObject({ ok: false, seq });
  });
});

describe("checkpoints", () => {
  it("cannot be reordered or duplicated, or lose the change of a key", () => {
    const list = textLines(sample.files.get("checkpoints.jsonl")!);
    // What was written since the last start is not counted on record yet.
    const counted = list.findLastIndex((line) => !line.includes('"next":null'));
    const verified = (changed: readonly string[]) => sample.verify({ "checkpoints.jsonl": joined(changed) });
    for (const [at, line] of list.entries()) {
      expect(verified(list.toSpliced(at, 0, line))).toMatchObject({ ok: false, seq: sample.sizes[at] });
      if (at > 0) expect(verified(list.toSpliced(at - 1, 2, line, list[at - 1]!)).ok).toBe(false);
      if (at <= counted) expect(verified(list.toSpliced(at, 1)).ok).toBe(false);
    }
    expect(verified([])).toMatchObject({ ok: false, seq: 0 });
    expect(sample.verify({ "checkpoints.jsonl": null })).toMatchObject({ ok: false, seq: 0 });
    expect(sample.verify({ "checkpoints.jsonl": Buffer.alloc(3_000_000, "x") })).toMatchObject({ ok: false, seq: 0 });
  });

  it("of another log are not taken, nor its key", () => {
    const other = testLog();
    other.open().close();
    const theirs = readFileSync(`${other.dir}/checkpoints.jsonl`);
    const key = readFileSync(`${other.dir}/key.pub`);
    expect(sample.verify({ "checkpoints.jsonl": theirs })).toMatchObject({ ok: false, seq: 0 });
    expect(sample.verify({ "checkpoints.jsonl": theirs, "key.pub": key })).toMatchObject({ ok: false, seq: 0 });
    expect(verifyLog({ dir: sample.copy(), key: key.toString() })).toMatchObject({ ok: false, seq: 0 });
  });
});
