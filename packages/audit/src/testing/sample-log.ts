import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { zstdDecompressSync } from "node:zlib";
import type { VerifyResult } from "../verify/result.ts";
import { verifyLog } from "../verify/verify.ts";
import { temporaryFolder } from "./folder.ts";
import { packMembers } from "./gzip-member.ts";
import { testLog } from "./logs.ts";

const DAY_MS = 86_400_000;
/** The skippable frame before the one zstd frame of a small segment. */
const ZSTD_HEADER = 56;

export interface SampleLog {
  /** Every file of it, by name. */
  readonly files: ReadonlyMap<string, Buffer>;
  /** Its segments' names, in order. */
  readonly segments: readonly string[];
  /** The first segment that is not compressed. */
  readonly plain: string;
  readonly newest: string;
  /** Records that the last checkpoint covers, and all. */
  readonly covered: number;
  readonly total: number;
  /** Sizes of the checkpoints, in order. */
  readonly sizes: readonly number[];
  /** A copy in a folder of its own. */
  copy(): string;
  /** What a verification says of a copy with some files changed (null: removed). */
  verify(changes: Readonly<Record<string, Uint8Array | null>>): VerifyResult;
}

/**
 * One log with everything in it: compressed segments (the first as versions before zstd did it) and plain ones, several
 * epochs, records behind the last checkpoint.
 */
export function sampleLog(): SampleLog {
  const { dir, clock, open } = testLog();
  let log = open({ segmentBytes: 1500 });
  for (let number = 0; number < 60; number++) {
    log.record("finding", { number, text: number % 3 === 0 ? "ä\n\u0000" : "text" });
    log.commit();
    if (number % 7 === 0) log.checkpoint();
    if (number === 30) clock.ms += DAY_MS;
    if (number === 45) log = open({ segmentBytes: 1500 });
    for (let more = number === 35; more; ) more = log.maintain();
  }
  log.checkpoint();
  const { covered } = log;
  for (let number = 0; number < 4; number++) log.record("finding", { number });
  log.commit();
  const files = new Map<string, Buffer>(readdirSync(dir).map((name) => [name, readFileSync(`${dir}/${name}`)]));
  const first = files.get("000000000000.jsonl.zst")!;
  files.delete("000000000000.jsonl.zst");
  files.set("000000000000.jsonl.gz", packMembers(Buffer.from(zstdDecompressSync(first.subarray(ZSTD_HEADER))), 700));
  const segments = [...files.keys()].filter((name) => /^\d+\.jsonl/.test(name)).sort();
  const copy = (): string => {
    const folder = temporaryFolder();
    for (const [name, bytes] of files) writeFileSync(`${folder}/${name}`, bytes);
    return folder;
  };
  let shared = "";
  return {
    files,
    segments,
    plain: segments.find((name) => name.endsWith(".jsonl"))!,
    newest: segments.at(-1)!,
    covered,
    total: log.size,
    sizes: textLines(files.get("checkpoints.jsonl")!).map((line) => (JSON.parse(line) as { size: number }).size),
    copy,
    verify: (changes) => {
      // One copy serves all of a test: what was changed is put back.
      if (!existsSync(shared)) shared = copy();
      for (const [name, bytes] of Object.entries(changes)) put(`${shared}/${name}`, bytes);
      const result = verifyLog({ dir: shared });
      for (const name of Object.keys(changes)) put(`${shared}/${name}`, files.get(name) ?? null);
      return result;
    },
  };
}

export function textLines(bytes: Buffer): string[] {
  return bytes.toString().split("\n").slice(0, -1);
}

function put(path: string, bytes: Uint8Array | null): void {
  if (bytes === null) rmSync(path);
  else writeFileSync(path, bytes);
}
