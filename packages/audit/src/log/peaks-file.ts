import { Frontier } from "../merkle/frontier.ts";
import { HASH_BYTES } from "../merkle/hash.ts";
import { readExisting } from "./existing.ts";
import { segmentBase } from "./names.ts";
import { type WriteFs, writeFileDurably } from "./write-fs.ts";

/** A tree of 2^53 leaves has no more peaks; a longer file is none of ours. */
const MOST_BYTES = 53 * HASH_BYTES;

/**
 * Keeps the frontier at a segment's beginning beside it, its peaks one behind the other, largest first: with it the
 * segment verifies alone, and proofs need not hash what stands before. It can be made again from the leaf hashes, and
 * is trusted only where its root is that of a checkpoint of its size, which is on disk before it.
 */
export function savePeaks(write: WriteFs, dir: string, frontier: Frontier): void {
  writeFileDurably(write, dir, `${segmentBase(frontier.size)}.peaks`, Buffer.concat(frontier.peaks), 0o600);
}

/** The frontier over the first `size` records as it was kept; undefined when it is missing or has not as many peaks. */
export function loadPeaks(dir: string, size: number): Frontier | undefined {
  if (size === 0) return Frontier.empty();
  const bytes = readExisting(`${dir}/${segmentBase(size)}.peaks`, MOST_BYTES + 1);
  if (bytes === undefined || bytes.length % HASH_BYTES !== 0) return undefined;
  const peaks = Array.from({ length: bytes.length / HASH_BYTES }, (_, index) =>
    bytes.subarray(index * HASH_BYTES, (index + 1) * HASH_BYTES),
  );
  return Frontier.restore(size, peaks);
}
