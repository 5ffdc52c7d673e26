import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { beforeAll, describe, expect, it } from "vitest";
import { temporaryFolder } from "../testing/folder.ts";
import { codeOf, testLog } from "../testing/logs.ts";
import { type SampleLog, sampleLog, textLines } from "../testing/sample-log.ts";
import { verifyLog } from "./verify.ts";

let sample: SampleLog;
let kept: readonly string[];

beforeAll(() => {
  sample = sampleLog();
  kept = textLines(sample.files.get("checkpoints.jsonl")!);
});

function against(lines: readonly string[], dir: string = sample.copy()) {
  const witness = `${temporaryFolder()}/witness.jsonl`;
  writeFileSync(witness, lines.map((line) => `${line}\n`).join(""));
  return verifyLog({ dir, witness });
}

describe("a log and the checkpoints that were kept elsewhere", () => {
  it("agree, whatever lines were kept, in whatever order", () => {
    for (const lines of [kept, kept.slice(3, 4), kept.toReversed(), [...kept, ...kept]]) {
      expect(against(lines)).toMatchObject({ ok: true, witnessed: lines.length });
    }
    expect(verifyLog({ dir: sample.copy() })).not.toHaveProperty("witnessed");
  });

  it("do not when the log was cut to an earlier checkpoint, at any: the first record that is gone is named", () => {
    const dir = sample.copy();
    const first = Number.parseInt(sample.newest, 10);
    const [leaves, peaks] = [".leaves", ".peaks"].map((end) => sample.newest.replace(".jsonl", end));
    // The checkpoints within the newest segment: what stands behind each is cut off, leaf hashes and all.
    for (const [at, size] of sample.sizes.entries()) {
      if (size <= first || at === kept.length - 1 || size === sample.covered) continue;
      writeFileSync(
        `${dir}/checkpoints.jsonl`,
        kept
          .slice(0, at + 1)
          .map((line) => `${line}\n`)
          .join(""),
      );
      const records = textLines(sample.files.get(sample.newest)!).slice(0, size - first);
      writeFileSync(`${dir}/${sample.newest}`, records.map((line) => `${line}\n`).join(""));
      writeFileSync(`${dir}/${leaves}`, sample.files.get(leaves!)!.subarray(0, 32 * (size - first)));
      expect(sample.files.has(peaks!)).toBe(true);
      expect(verifyLog({ dir })).toMatchObject({ ok: true, records: size });
      expect(against(kept, dir)).toMatchObject({ ok: false, seq: size });
    }
    expect(sample.sizes.filter((size) => size > first && size < sample.covered).length).toBeGreaterThan(0);
  });

  it("do not when a checkpoint was left out that the log does not count yet", () => {
    const dir = sample.copy();
    const at = kept.length - 2;
    writeFileSync(
      `${dir}/checkpoints.jsonl`,
      kept
        .toSpliced(at, 1)
        .map((line) => `${line}\n`)
        .join(""),
    );
    expect(verifyLog({ dir })).toMatchObject({ ok: true });
    expect(against(kept, dir)).toMatchObject({ ok: false, seq: sample.sizes[at - 1] });
  });

  it("do not when the line that is not in the log was kept without its line end", () => {
    const dir = sample.copy();
    writeFileSync(
      `${dir}/checkpoints.jsonl`,
      kept
        .slice(0, -2)
        .map((line) => `${line}\n`)
        .join(""),
    );
    const witness = `${temporaryFolder()}/witness.jsonl`;
    writeFileSync(witness, kept.slice(-4, -1).join("\n"));
    expect(verifyLog({ dir, witness })).toMatchObject({ ok: false });
    writeFileSync(witness, kept.slice(-4).join("\n"));
    expect(verifyLog({ dir: sample.copy(), witness })).toMatchObject({ ok: true, witnessed: 4 });
  });

  it("agree where a crash of the witness broke a line off", () => {
    const torn = [2, 9, 200].map((length) => kept[0]!.slice(0, length));
    expect(against([kept[0]!, ...torn, ...kept])).toMatchObject({ ok: true, witnessed: kept.length + 1 });
  });

  it("do not when it is another log, or the witness has nothing", () => {
    const { dir, open } = testLog();
    open().close();
    const theirs = textLines(readFileSync(`${dir}/checkpoints.jsonl`));
    expect(against(theirs)).toMatchObject({ ok: false, seq: 0 });
    expect(against([])).toMatchObject({ ok: false, seq: 0 });
    expect(against([...theirs, ...kept])).toMatchObject({ ok: true, witnessed: kept.length });
  });

  it("cannot be set against each other by who only writes to the witness", () => {
    const forged = kept.map((line) => line.replace(/"size":\d+/, '"size":7'));
    for (const line of [forged[0]!, forged.at(-1)!]) {
      expect(codeOf(() => against([line]))).toBe("ERR_AUDIT_WITNESS");
    }
    // Unless nothing can show that it is not the log that was cut off.
    expect(against([kept[0]!.replace('"epoch":0', '"epoch":99')])).toMatchObject({ ok: false, seq: sample.covered });
    for (const line of ["", "{}", "x".repeat(3_000_000)]) {
      expect(codeOf(() => against([kept[0]!, line]))).toBe("ERR_AUDIT_WITNESS");
    }
    const folder = `${temporaryFolder()}/folder`;
    mkdirSync(folder);
    for (const witness of [folder, `${folder}/none`]) {
      expect(codeOf(() => verifyLog({ dir: sample.copy(), witness }))).toBe("ERR_AUDIT_WITNESS");
    }
  });
});
