import { readFileSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { beforeAll, describe, expect, it } from "vitest";
import { codeOf, NOON, testLog } from "../testing/logs.ts";
import { type SampleLog, sampleLog, textLines } from "../testing/sample-log.ts";
import type { InclusionProof, Proof } from "./proof.ts";
import { Prover } from "./prover.ts";
import { readProof } from "./read.ts";
import { verifyProof } from "./verify-proof.ts";

let sample: SampleLog;
let lines: readonly string[];

beforeAll(() => {
  sample = sampleLog();
  const dir = sample.copy();
  const prover = new Prover(dir);
  lines = Array.from({ length: sample.covered }, (_, seq) => prover.inclusion(seq).record);
  prover.close();
});

function proving<Made>(make: (prover: Prover) => Made, dir: string = sample.copy()): Made {
  const prover = new Prover(dir);
  try {
    return make(prover);
  } finally {
    prover.close();
  }
}

const key = (): string => sample.files.get("key.pub")!.toString();
const sizesOf = (dir: string): number[] =>
  textLines(readFileSync(`${dir}/checkpoints.jsonl`)).map((line) => (JSON.parse(line) as { size: number }).size);

describe("a proof of a record", () => {
  it("holds for every record of a log of several segments and epochs, through its file, with the first key alone", () => {
    proving((prover) => {
      for (let seq = 0; seq < sample.covered; seq++) {
        const proof = prover.inclusion(seq);
        expect(verifyProof(readProof(JSON.stringify(proof), "proof.json"), { key: key() })).toEqual({
          ok: true,
          proof: "inclusion",
          seq,
          log: proof.checkpoint.log,
          size: sample.sizes.find((size) => size > seq),
          root: proof.checkpoint.root,
          t: proof.checkpoint.t,
          epoch: proof.handovers.length,
          trust: "given",
          since: proof.handovers.at(-1)?.t ?? null,
          record: lines[seq],
        });
      }
      expect(prover.inclusion(sample.covered - 1).handovers.length).toBeGreaterThan(1);
    });
  });

  it("leads to a later checkpoint of its epoch that is asked for, and to none of a later epoch", () => {
    proving((prover) => {
      const first = prover.inclusion(3);
      const [later = 0] = sample.sizes.filter((size) => size > first.checkpoint.size);
      expect(verifyProof(prover.inclusion(3, later))).toMatchObject({
        ok: true,
        size: later,
        trust: "proof",
        since: null,
      });
      expect(codeOf(() => prover.inclusion(3, sample.covered))).toBe("ERR_AUDIT_LATER_EPOCH");
      expect(codeOf(() => prover.inclusion(first.checkpoint.size, first.checkpoint.size))).toBe(
        "ERR_AUDIT_NO_CHECKPOINT",
      );
      for (const to of [0, 5, 10 ** 9]) expect(codeOf(() => prover.inclusion(3, to))).toBe("ERR_AUDIT_NO_CHECKPOINT");
      for (const seq of [sample.covered, 10 ** 9])
        expect(codeOf(() => prover.inclusion(seq))).toBe("ERR_AUDIT_NO_RECORD");
    });
  });

  it("needs neither leaf hashes nor peaks, and is not misled by wrong ones", () => {
    const dir = sample.copy();
    const side = [...sample.files.keys()].filter((name) => /\.(leaves|peaks)$/.test(name));
    const all = () => proving((prover) => lines.map((_, seq) => verifyProof(prover.inclusion(seq)).ok), dir);
    for (const name of side)
      if (name.endsWith(".peaks"))
        writeFileSync(
          `${dir}/${name}`,
          sample.files.get(name)!.map((byte) => byte ^ 1),
        );
    expect(all()).not.toContain(false);
    for (const name of side) if (name.endsWith(".leaves")) truncateSync(`${dir}/${name}`, 33);
    expect(all()).not.toContain(false);
    for (const name of side) rmSync(`${dir}/${name}`);
    expect(all()).not.toContain(false);
  });

  it("is not given for what was changed", () => {
    const dir = sample.copy();
    const { plain } = sample;
    const changed = textLines(sample.files.get(plain)!).with(1, "{}");
    writeFileSync(`${dir}/${plain}`, changed.map((line) => `${line}\n`).join(""));
    const seq = Number.parseInt(plain, 10);
    expect(codeOf(() => proving((prover) => prover.inclusion(seq + 1), dir))).toBe("ERR_AUDIT_TAMPERED");
    rmSync(`${dir}/${plain}`);
    expect(codeOf(() => proving((prover) => prover.inclusion(seq), dir))).toBe("ERR_AUDIT_NO_RECORD");
    const checkpoints = textLines(sample.files.get("checkpoints.jsonl")!);
    for (const damaged of ["", "{}\n", "x".repeat(9000)]) {
      writeFileSync(`${dir}/checkpoints.jsonl`, damaged);
      expect(codeOf(() => proving((prover) => prover.inclusion(0), dir))).toBe("ERR_AUDIT_NO_CHECKPOINT");
    }
    writeFileSync(`${dir}/checkpoints.jsonl`, `${"x".repeat(9000)}\n${checkpoints.at(-1)}\n`);
    expect(codeOf(() => proving((prover) => prover.inclusion(0), dir))).toBe("ERR_AUDIT_TAMPERED");
    const keyless = sample.copy();
    rmSync(`${keyless}/key.pub`);
    expect(codeOf(() => proving((prover) => prover.inclusion(0), keyless))).toBe("ERR_AUDIT_KEY");
    writeFileSync(`${keyless}/key.pub`, "none");
    expect(codeOf(() => proving((prover) => prover.inclusion(0), keyless))).toBe("ERR_AUDIT_KEY");
    const torn = sample.copy();
    const without = checkpoints.filter((line) => !line.includes('"epoch":0'));
    writeFileSync(`${torn}/checkpoints.jsonl`, without.map((line) => `${line}\n`).join(""));
    expect(codeOf(() => proving((prover) => prover.inclusion(sample.covered - 1), torn))).toBe("ERR_AUDIT_TAMPERED");
  });

  it("is made of a log that grows, over many subtrees and checkpoints", () => {
    const { dir, open } = testLog();
    const log = open({ segmentBytes: 40_000 });
    const prover = new Prover(dir);
    for (let round = 0; round < 2; round++) {
      for (let number = 0; number < 500; number++) {
        log.record("finding", { number });
        if (number % 100 === 0) log.checkpoint();
      }
      log.checkpoint();
      for (const seq of [0, 255, 256, log.size - 1, Math.floor(log.size / 3)]) {
        expect(verifyProof(prover.inclusion(seq, log.size))).toMatchObject({ ok: true, seq, size: log.size });
      }
      const { size } = prover.inclusion(300).checkpoint;
      expect(verifyProof(prover.consistency(size))).toMatchObject({ ok: true, from: size, size: log.size });
    }
    prover.close();
    log.close();
  });
});

describe("a proof of growth", () => {
  it("holds between any two checkpoints", () => {
    const dir = sample.copy();
    const sizes = [...new Set(sizesOf(dir))];
    proving((prover) => {
      for (const from of sizes) {
        for (const to of sizes.filter((size) => size >= from)) {
          const result = verifyProof(prover.consistency(from, to), { key: key() });
          expect(result).toMatchObject({ ok: true, proof: "consistency", from, size: to, trust: "given" });
          expect(result).toMatchObject({ fromRoot: prover.consistency(from, to).from.root });
        }
      }
      const [one = 0, other = 0] = sizes;
      expect(codeOf(() => prover.consistency(other, one))).toBe("ERR_AUDIT_NO_CHECKPOINT");
      expect(codeOf(() => prover.consistency(one, 10 ** 9))).toBe("ERR_AUDIT_NO_CHECKPOINT");
      expect(codeOf(() => prover.consistency(10 ** 9))).toBe("ERR_AUDIT_NO_CHECKPOINT");
    }, dir);
  });

  it("is not given where the leaves are others than those that were signed", () => {
    const dir = sample.copy();
    const name = sample.plain.replace("jsonl", "leaves");
    writeFileSync(
      `${dir}/${name}`,
      sample.files.get(name)!.map((byte) => byte ^ 1),
    );
    expect(codeOf(() => proving((prover) => prover.consistency(sample.sizes[1]!), dir))).toBe("ERR_AUDIT_TAMPERED");
  });
});

describe("a proof that was changed", () => {
  const changes: readonly (readonly [string, (proof: InclusionProof) => Proof])[] = [
    ["the record", (proof) => ({ ...proof, record: proof.record.replace("text", "test") })],
    ["no record", (proof) => ({ ...proof, record: "{}" })],
    ["the number", (proof) => ({ ...proof, seq: proof.seq + 1 })],
    ["the path", (proof) => ({ ...proof, path: proof.path.slice(1) })],
    [
      "a checkpoint's time",
      (proof) => ({ ...proof, checkpoint: { ...proof.checkpoint, t: "2020-01-01T00:00:00.000000Z" } }),
    ],
    ["its epoch", (proof) => ({ ...proof, checkpoint: { ...proof.checkpoint, epoch: 0 } })],
    ["a handover that is missing", (proof) => ({ ...proof, handovers: proof.handovers.slice(1) })],
    ["handovers out of order", (proof) => ({ ...proof, handovers: proof.handovers.toReversed() })],
    ["a handover to another key", (proof) => changed(proof, 0, { next: proof.key })],
    ["a handover to no key", (proof) => changed(proof, 0, { next: null })],
    ["a handover to what is no key", (proof) => changed(proof, 0, { next: "A".repeat(60) })],
    ["a handover of another log", (proof) => changed(proof, 0, { log: "x" })],
    ["a handover that shrinks", (proof) => changed(proof, 1, { size: 1 })],
    ["another key", (proof) => ({ ...proof, key: proof.handovers[0]!.next! })],
    ["what is no key", (proof) => ({ ...proof, key: "A".repeat(60) })],
  ];

  function changed(proof: InclusionProof, at: number, more: object): InclusionProof {
    return { ...proof, handovers: proof.handovers.with(at, { ...proof.handovers[at]!, ...more }) };
  }

  it.each(changes)("does not hold: %s", (_what, change) => {
    const proof = proving((prover) => prover.inclusion(sample.covered - 1));
    expect(verifyProof(proof)).toMatchObject({ ok: true });
    expect(verifyProof(change(proof)).ok).toBe(false);
    expect(verifyProof(change(proof), { key: key() }).ok).toBe(false);
  });

  it("of growth does not hold", () => {
    const proof = proving((prover) => prover.consistency(sample.sizes[1]!));
    const { from, to } = proof;
    const changes = [
      { path: [] },
      { from: to, to: from, handovers: [] },
      { from: { ...from, root: to.root } },
      { from: { ...from, epoch: to.epoch + 1 } },
      { to: { ...to, size: from.size - 1 } },
    ];
    for (const change of changes) expect(verifyProof({ ...proof, ...change }).ok).toBe(false);
  });

  it("by today's key about an earlier epoch does not hold, though all of it is signed", () => {
    const { dir, clock, open } = testLog();
    const log = open();
    log.record("finding", { number: 1 });
    clock.ms = NOON + 86_400_000;
    log.checkpoint();
    log.record("finding", { number: 2 });
    log.checkpoint();
    const [honest, today, growth] = proving(
      (prover) => [prover.inclusion(2), prover.inclusion(log.size - 1), prover.consistency(2)] as const,
      dir,
    );
    // What a thief of today's key could do: another past below today's checkpoint, and a path that leads to it.
    const forged = { ...honest, checkpoint: today.checkpoint, handovers: today.handovers, path: growth.path };
    const result = verifyProof(forged);
    expect(result.ok ? "" : result.reason).toContain("older than epoch 1");
  });

  it("is read as what it is, with the place of every mistake", () => {
    const proof = proving((prover) => prover.inclusion(3));
    expect(readProof(JSON.stringify(proof, null, 2), "proof.json")).toEqual(proof);
    const texts = [
      "",
      "{",
      "[]",
      JSON.stringify({ ...proof, proof: 2 }),
      JSON.stringify({ ...proof, kind: "other" }),
      JSON.stringify({ ...proof, more: 1 }),
      JSON.stringify({ ...proof, path: Array(200).fill(proof.path[0]) }),
      JSON.stringify({ ...proof, path: ["x"] }),
      JSON.stringify({ ...proof, seq: -1 }),
    ];
    for (const text of texts) expect(codeOf(() => readProof(text, "proof.json"))).toBe("ERR_DOCUMENT");
    expect(codeOf(() => verifyProof(proof, { key: "hello" }))).toBe("ERR_AUDIT_KEY");
    expect(codeOf(() => new Prover("/no/such/folder"))).toBe("ERR_AUDIT_NO_LOG");
  });
});
