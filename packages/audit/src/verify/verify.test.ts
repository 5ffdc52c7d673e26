import { cpSync, readdirSync, readFileSync, renameSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { gunzipSync } from "node:zlib";
import fc from "fast-check";
import { beforeAll, beforeEach, describe, expect, it } from "vitest";
import { memberLength } from "../log/members.ts";
import { temporaryFolder } from "../testing/folder.ts";
import { body, codeOf, lines, names, testLog } from "../testing/logs.ts";
import type { DamagedLog } from "./result.ts";
import { verifyLog } from "./verify.ts";

const DAY_MS = 86_400_000;
const files = new Map<string, Buffer>();
let covered = 0;
let total = 0;

/** One log with everything in it: compressed and plain segments, several epochs, records behind the last checkpoint. */
beforeAll(() => {
  const { dir, clock, open } = testLog();
  let log = open({ segmentBytes: 2500 });
  for (let number = 0; number < 60; number++) {
    log.append(body(number, number % 3 === 0 ? "ä\n\u0000" : "text"));
    log.commit();
    if (number % 7 === 0) log.checkpoint();
    if (number === 30) clock.ms += DAY_MS;
    if (number === 45) log = open({ segmentBytes: 2500 });
    if (number === 35) while (log.maintain()) expect(log.state).toBe("open");
  }
  log.checkpoint();
  covered = log.covered;
  for (let number = 0; number < 4; number++) log.append(body(number));
  log.commit();
  total = log.size;
  for (const name of readdirSync(dir)) files.set(name, readFileSync(`${dir}/${name}`));
  const kinds = [...files.keys()].map((name) => name.replace(/^\d+/, "")).sort();
  expect(new Set(kinds)).toEqual(new Set([".jsonl", ".jsonl.gz", ".leaves", "checkpoints.jsonl", "key.pub"]));
  expect(kinds.filter((kind) => kind === ".jsonl").length).toBeGreaterThan(1);
});

/** A copy of its own. */
function copy(): string {
  const dir = temporaryFolder();
  for (const [name, bytes] of files) writeFileSync(`${dir}/${name}`, bytes);
  return dir;
}

let shared = "";

/** Verifies a copy with these changes. One copy serves all: what was changed is put back. */
function verifyCopy(changes: Record<string, Uint8Array | null>): ReturnType<typeof verifyLog> {
  try {
    for (const [name, bytes] of Object.entries(changes)) {
      if (bytes === null) rmSync(`${shared}/${name}`);
      else writeFileSync(`${shared}/${name}`, bytes);
    }
    return verifyLog({ dir: shared });
  } finally {
    for (const name of Object.keys(changes)) {
      const bytes = files.get(name);
      if (bytes === undefined) rmSync(`${shared}/${name}`);
      else writeFileSync(`${shared}/${name}`, bytes);
    }
  }
}

beforeEach(() => {
  shared = copy();
});

const linesBefore = (bytes: Buffer, at: number): number =>
  bytes.subarray(0, at).toString("latin1").split("\n").length - 1;

/** Sizes of the checkpoints, in order. */
const sizes = (): number[] =>
  files
    .get("checkpoints.jsonl")!
    .toString()
    .trim()
    .split("\n")
    .map((line) => (JSON.parse(line) as { size: number }).size);

/** The records that may be named for a changed byte at `at`: usually one. */
function suspects(name: string, at: number): [number, number] {
  const bytes = files.get(name)!;
  const first = Number.parseInt(name, 10);
  if (name === "key.pub") return [0, 0];
  if (name === "checkpoints.jsonl") {
    const before = linesBefore(bytes, at);
    const size = before === 0 ? 0 : sizes()[before - 1]!;
    return [size, size];
  }
  if (name.endsWith(".leaves")) return [first + Math.floor(at / 32), first + Math.floor(at / 32)];
  if (name.endsWith(".jsonl")) return [first + linesBefore(bytes, at), first + linesBefore(bytes, at)];
  // A compressed member: any record that it holds a part of.
  let start = 0;
  let text = 0;
  for (;;) {
    const length = memberLength(bytes.subarray(start))!;
    const plain = gunzipSync(bytes);
    const end = text + gunzipSync(bytes.subarray(start, start + length)).length;
    if (at < start + length) return [first + linesBefore(plain, text), first + linesBefore(plain, end)];
    start += length;
    text = end;
  }
}

describe("a log as it was written", () => {
  it("verifies, with the key from the folder or given", () => {
    const dir = copy();
    const expected = { ok: true, records: total, pending: total - covered, checkpoints: sizes().length };
    expect(verifyLog({ dir })).toEqual({ ...expected, root: expect.stringMatching(/^[\w+/]{43}=$/), trust: "folder" });
    const key = files.get("key.pub")!.toString();
    expect(verifyLog({ dir, key })).toMatchObject({ ...expected, trust: "given" });
    rmSync(`${dir}/key.pub`);
    expect(verifyLog({ dir, key })).toMatchObject({ ...expected, trust: "given" });
  });

  it("verifies without its leaf hashes, which can be made again", () => {
    const leaves = [...files.keys()].filter((name) => name.endsWith(".leaves"));
    expect(verifyCopy(Object.fromEntries(leaves.map((name) => [name, null])))).toMatchObject({ ok: true });
  });

  it("verifies while a record and a checkpoint are being written", () => {
    const newest = [...files.keys()]
      .filter((name) => name.endsWith(".jsonl") && name.startsWith("0"))
      .sort()
      .at(-1)!;
    const line = Buffer.from(`{"seq":${total},${body(1)}\n`);
    const checkpoints = files.get("checkpoints.jsonl")!;
    const last = lines(`${copy()}/checkpoints.jsonl`).at(-1)!;
    for (let length = 0; length < line.length; length += 5) {
      const result = verifyCopy({
        [newest]: Buffer.concat([files.get(newest)!, line.subarray(0, length)]),
        "checkpoints.jsonl": Buffer.concat([checkpoints, Buffer.from(last.slice(0, length))]),
      });
      expect(result).toMatchObject({ ok: true, records: total });
    }
  });

  it("takes the plain file where a crash left both", () => {
    const gz = [...files.keys()].find((name) => name.endsWith(".gz"))!;
    const result = verifyCopy({ [gz.slice(0, -3)]: gunzipSync(files.get(gz)!) });
    expect(result).toMatchObject({ ok: true, records: total });
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

describe("one changed byte", () => {
  it("is found in any file, and the record named", () => {
    const anyByte = fc
      .constantFrom(...files.keys())
      .chain((name) =>
        fc.tuple(fc.constant(name), fc.nat(files.get(name)!.length - 1), fc.integer({ min: 1, max: 255 })),
      );
    fc.assert(
      fc.property(anyByte, ([name, at, flip]) => {
        const bytes = Buffer.from(files.get(name)!);
        bytes[at]! ^= flip;
        const result = verifyCopy({ [name]: bytes });
        const [least, most] = suspects(name, at);
        expect(result.ok).toBe(false);
        const { seq, segment, reason } = result as DamagedLog;
        expect(seq).toBeGreaterThanOrEqual(least);
        expect(seq).toBeLessThanOrEqual(most);
        expect(reason).not.toBe("");
        if (/^\d+\.jsonl/.test(name)) expect(segment).toBe(name);
      }),
      { numRuns: 600 },
    );
  });

  it("is located by the checkpoints alone where the leaf hashes cannot be trusted", () => {
    const name = [...files.keys()].filter((file) => /^\d+\.jsonl$/.test(file)).sort()[0]!;
    const first = Number.parseInt(name, 10);
    const before = sizes().findLast((size) => size <= first + 5)!;
    for (const what of ["text", "{"]) {
      const bytes = Buffer.from(files.get(name)!);
      const fifth = bytes.indexOf(`{"seq":${first + 5},`);
      bytes[bytes.indexOf(what, fifth)]! ^= 1;
      const leaves = name.replace("jsonl", "leaves");
      expect(verifyCopy({ [name]: bytes, [leaves]: null })).toMatchObject({ ok: false, seq: Math.max(before, 0) });
      const wrong = Buffer.from(files.get(leaves)!).fill(7, 32 * (before - first), 32 * (before - first + 1));
      expect(verifyCopy({ [name]: bytes, [leaves]: wrong })).toMatchObject({ ok: false, seq: before });
    }
  });
});

describe("records", () => {
  const plain = (): [string, string[]] => {
    const name = [...files.keys()].filter((file) => /^\d+\.jsonl$/.test(file)).sort()[0]!;
    return [name, files.get(name)!.toString().split("\n").slice(0, -1)];
  };
  const joined = (list: readonly string[]) => Buffer.from(`${list.join("\n")}\n`);

  it("that were removed, duplicated, reordered or invented are found", () => {
    const [name, list] = plain();
    const first = Number.parseInt(name, 10);
    for (let at = 0; at < list.length; at++) {
      expect(verifyCopy({ [name]: joined(list.toSpliced(at, 1)) })).toMatchObject({ ok: false, seq: first + at });
      expect(verifyCopy({ [name]: joined(list.toSpliced(at, 0, list[at]!)) })).toMatchObject({ seq: first + at + 1 });
      expect(verifyCopy({ [name]: joined(list.slice(0, at)) })).toMatchObject({ ok: false, seq: first + at });
      const invented = `{"seq":${first + at},${body(99)}`;
      expect(verifyCopy({ [name]: joined(list.toSpliced(at, 1, invented)) })).toMatchObject({ seq: first + at });
      if (at === 0) continue;
      const swapped = list.toSpliced(at - 1, 2, list[at]!, list[at - 1]!);
      expect(verifyCopy({ [name]: joined(swapped) })).toMatchObject({ ok: false, seq: first + at - 1 });
    }
  });

  it("that a checkpoint covers cannot be cut off the end, those behind it cannot be cut off without their leaves", () => {
    const newest = [...files.keys()]
      .filter((file) => /^\d+\.jsonl$/.test(file))
      .sort()
      .at(-1)!;
    const list = files.get(newest)!.toString().split("\n").slice(0, -1);
    const first = Number.parseInt(newest, 10);
    for (let keep = 0; keep < list.length; keep++) {
      expect(verifyCopy({ [newest]: joined(list.slice(0, keep)).subarray(keep === 0 ? 1 : 0) })).toMatchObject({
        ok: false,
        seq: first + keep,
        segment: newest,
      });
    }
  });

  it("of a whole segment that is gone are missed at its first", () => {
    const segments = [...files.keys()].filter((file) => /^\d+\.jsonl/.test(file)).sort();
    for (const name of segments) {
      const base = name.replace(".gz", "");
      expect(verifyCopy({ [name]: null })).toMatchObject({ ok: false, seq: Number.parseInt(base, 10) });
    }
    const [one, other] = segments;
    const dir = copy();
    renameSync(`${dir}/${one}`, `${dir}/x`);
    renameSync(`${dir}/${other}`, `${dir}/${one}`);
    renameSync(`${dir}/x`, `${dir}/${other}`);
    expect(verifyLog({ dir })).toMatchObject({ ok: false, seq: 0, segment: one });
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
});

describe("leaf hashes", () => {
  it("of sealed segments are as many as the records", () => {
    const name = [...files.keys()].filter((file) => file.endsWith(".leaves")).sort()[0]!;
    const bytes = files.get(name)!;
    expect(verifyCopy({ [name]: Buffer.concat([bytes, Buffer.alloc(32)]) })).toMatchObject({ ok: false });
    expect(verifyCopy({ [name]: Buffer.concat([bytes, Buffer.alloc(1)]) })).toMatchObject({ ok: false });
    expect(verifyCopy({ [name]: bytes.subarray(0, 64) })).toMatchObject({ ok: false, seq: 2 });
  });
});

describe("checkpoints", () => {
  const all = (): string[] => files.get("checkpoints.jsonl")!.toString().trim().split("\n");
  const with_ = (list: readonly string[]) =>
    verifyCopy({ "checkpoints.jsonl": Buffer.from(list.map((line) => `${line}\n`).join("")) });

  it("cannot be reordered, duplicated, or lose the change of a key", () => {
    const list = all();
    for (let at = 0; at < list.length; at++) {
      expect(with_(list.toSpliced(at, 0, list[at]!))).toMatchObject({ ok: false, seq: sizes()[at] });
      if (at > 0) expect(with_(list.toSpliced(at - 1, 2, list[at]!, list[at - 1]!)).ok).toBe(false);
      const handover = !list[at]!.includes('"next":null');
      if (handover && at < list.length - 1) expect(with_(list.toSpliced(at, 1)).ok).toBe(false);
    }
    expect(with_([])).toMatchObject({ ok: false, seq: 0 });
    expect(verifyCopy({ "checkpoints.jsonl": null })).toMatchObject({ ok: false, seq: 0 });
    expect(verifyCopy({ "checkpoints.jsonl": Buffer.alloc(3_000_000, "x") })).toMatchObject({ ok: false, seq: 0 });
  });

  it("of another log are not taken, nor its key", () => {
    const other = testLog();
    other.open().close();
    const theirs = readFileSync(`${other.dir}/checkpoints.jsonl`);
    const key = readFileSync(`${other.dir}/key.pub`);
    expect(verifyCopy({ "checkpoints.jsonl": theirs })).toMatchObject({ ok: false, seq: 0 });
    expect(verifyCopy({ "checkpoints.jsonl": theirs, "key.pub": key })).toMatchObject({ ok: false, seq: 0 });
    expect(verifyLog({ dir: copy(), key: key.toString() })).toMatchObject({ ok: false, seq: 0 });
  });
});

describe("what cannot be verified", () => {
  it("is a folder without a log, or a key that is none", () => {
    expect(codeOf(() => verifyLog({ dir: "/no/such/folder" }))).toBe("ERR_AUDIT_NO_LOG");
    expect(codeOf(() => verifyLog({ dir: temporaryFolder() }))).toBe("ERR_AUDIT_NO_LOG");
    expect(codeOf(() => verifyLog({ dir: copy(), key: "hello" }))).toBe("ERR_AUDIT_KEY");
    expect(verifyCopy({ "key.pub": null })).toMatchObject({ ok: false, seq: 0 });
    const dir = temporaryFolder();
    writeFileSync(`${dir}/key.pub`, files.get("key.pub")!);
    expect(verifyLog({ dir })).toMatchObject({ ok: false, seq: 0, segment: "000000000000.jsonl" });
    cpSync(copy(), `${dir}/copy`, { recursive: true });
    truncateSync(`${dir}/copy/000000000000.leaves`, 0);
    expect(names(`${dir}/copy`).length).toBe(files.size);
    expect(verifyLog({ dir: `${dir}/copy` })).toMatchObject({ ok: false, seq: 0 });
  });
});
