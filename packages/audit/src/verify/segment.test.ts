import { copyFileSync, mkdirSync, writeFileSync } from "node:fs";
import { gunzipSync } from "node:zlib";
import { beforeAll, describe, expect, it } from "vitest";
import { temporaryFolder } from "../testing/folder.ts";
import { codeOf } from "../testing/logs.ts";
import { type SampleLog, sampleLog, textLines } from "../testing/sample-log.ts";
import { verifyLog } from "./verify.ts";

let sample: SampleLog;

beforeAll(() => {
  sample = sampleLog();
});

const first = (name: string): number => Number.parseInt(name, 10);

/** A folder of this segment only: its records, its peaks and the next one's, the checkpoints and the key. */
function alone(name: string, changes: Readonly<Record<string, Uint8Array>> = {}): string {
  const source = sample.copy();
  const dir = `${temporaryFolder()}/alone`;
  mkdirSync(dir);
  const next = sample.segments[sample.segments.indexOf(name) + 1] ?? "";
  const peaks = [name, next].map((file) => file.replace(/\..*/, ".peaks")).filter((file) => sample.files.has(file));
  for (const file of [name, ...peaks, "checkpoints.jsonl", "key.pub"])
    copyFileSync(`${source}/${file}`, `${dir}/${file}`);
  for (const [file, bytes] of Object.entries(changes)) writeFileSync(`${dir}/${file}`, bytes);
  return dir;
}

describe("a segment alone", () => {
  it("verifies, in the folder of the log and without any other segment", () => {
    const whole = sample.copy();
    for (const [index, name] of sample.segments.entries()) {
      const end = sample.segments[index + 1] === undefined ? sample.total : first(sample.segments[index + 1]!);
      const expected = { ok: true, from: first(name), records: end - first(name) };
      expect(verifyLog({ dir: whole, segment: name })).toMatchObject(expected);
      const key = sample.files.get("key.pub")!.toString();
      expect(verifyLog({ dir: alone(name), segment: String(first(name)), key })).toMatchObject(expected);
    }
  });

  it("is found changed, cut or grown, and the others do not matter", () => {
    const [gz = "", other = ""] = sample.segments;
    const { plain } = sample;
    const list = textLines(sample.files.get(plain)!);
    const verified = (lines: readonly string[]) => {
      const bytes = Buffer.from(lines.map((line) => `${line}\n`).join(""));
      return verifyLog({ dir: alone(plain, { [plain]: bytes }), segment: plain });
    };
    expect(verified(list)).toMatchObject({ ok: true });
    expect(verified(list.slice(0, -1)).ok).toBe(false);
    expect(verified([...list, list.at(-1)!])).toMatchObject({ ok: false, seq: first(plain) + list.length - 1 });
    expect(verified([list[0]!.replace("text", "test"), ...list.slice(1)]).ok).toBe(false);
    const changed = gunzipSync(sample.files.get(gz)!);
    changed[50]! ^= 1;
    const copy = sample.copy();
    writeFileSync(`${copy}/${gz.replace(".gz", "")}`, changed);
    expect(verifyLog({ dir: copy, segment: other })).toMatchObject({ ok: true });
    expect(verifyLog({ dir: copy, segment: gz })).toMatchObject({ ok: false, seq: 0 });
  });

  it("needs its peaks, the checkpoint before it, and one at its end", () => {
    const { plain } = sample;
    const file = plain.replace("jsonl", "peaks");
    const peaks = Buffer.from(sample.files.get(file)!);
    peaks[3]! ^= 1;
    const damage = { ok: false, seq: first(plain) };
    expect(verifyLog({ dir: alone(plain, { [file]: peaks }), segment: plain })).toMatchObject(damage);
    expect(verifyLog({ dir: alone(plain, { [file]: peaks.subarray(1) }), segment: plain })).toMatchObject(damage);
    const list = textLines(sample.files.get("checkpoints.jsonl")!);
    const without = (size: number) => ({
      "checkpoints.jsonl": Buffer.from(
        list
          .filter((line) => !line.includes(`"size":${size},`))
          .map((line) => `${line}\n`)
          .join(""),
      ),
    });
    expect(verifyLog({ dir: alone(plain, without(first(plain))), segment: plain })).toMatchObject(damage);
    const end = first(sample.segments[sample.segments.indexOf(plain) + 1]!);
    const atEnd = verifyLog({ dir: alone(plain, without(end)), segment: plain });
    expect(atEnd).toMatchObject({ ok: false, seq: sample.sizes.findLast((size) => size < end) });
  });

  it("must be one of the log", () => {
    for (const segment of ["000000000001.jsonl", "7", "x", "", "key.pub"]) {
      expect(codeOf(() => verifyLog({ dir: sample.copy(), segment }))).toBe("ERR_AUDIT_NO_SEGMENT");
    }
  });

  it("has all the leaf hashes of its records, or none", () => {
    const { plain } = sample;
    const leaves = plain.replace("jsonl", "leaves");
    const more = Buffer.concat([sample.files.get(leaves)!, Buffer.alloc(32)]);
    expect(verifyLog({ dir: alone(plain, { [leaves]: more }), segment: plain })).toMatchObject({ ok: false });
    expect(verifyLog({ dir: alone(plain, { [leaves]: sample.files.get(leaves)! }), segment: plain }).ok).toBe(true);
  });
});
