import type { Frontier } from "../merkle/frontier.ts";
import { leafHash } from "../merkle/hash.ts";
import type { Checkpoint } from "./checkpoint.ts";
import { LeafReader } from "./leaf-reader.ts";
import { openSegment } from "./line-file.ts";
import { type SegmentName, segmentBase } from "./names.ts";
import { type WriteFs, writeFileDurably } from "./write-fs.ts";

export function rootIs(frontier: Frontier, checkpoint: Checkpoint): boolean {
  return frontier.size === checkpoint.size && frontier.root().toString("base64") === checkpoint.root;
}

/** Goes on with stored leaves up to the checkpoint. Undefined when they are missing or do not give its root. */
export function frontierFromLeaves(
  dir: string,
  segments: readonly SegmentName[],
  start: Frontier,
  checkpoint: Checkpoint,
): Frontier | undefined {
  const frontier = start.clone();
  for (const [index, { first }] of segments.entries()) {
    const end = Math.min(segments[index + 1]?.first ?? Number.POSITIVE_INFINITY, checkpoint.size);
    if (end <= frontier.size) continue;
    const leaves = new LeafReader(dir, first);
    try {
      for (let seq = frontier.size; seq < end; seq++) {
        const leaf = leaves.at(seq - first);
        if (leaf === undefined) return undefined;
        frontier.append(leaf);
      }
    } finally {
      leaves.close();
    }
  }
  return rootIs(frontier, checkpoint) ? frontier : undefined;
}

/** Hashes all records from `start` up to `size` anew; calls `sealed` with each segment's leaves. */
function hashRecords(
  dir: string,
  segments: readonly SegmentName[],
  start: Frontier,
  size: number,
  sealed: (segment: SegmentName, leaves: Buffer) => void,
): Frontier {
  const frontier = start.clone();
  for (const segment of segments) {
    const leaves: Uint8Array[] = [];
    const reader = openSegment(dir, segment);
    try {
      for (let line = reader.next(); line !== undefined && frontier.size < size; line = reader.next()) {
        const leaf = leafHash(line);
        frontier.append(leaf);
        leaves.push(leaf);
      }
    } finally {
      reader.close();
    }
    sealed(segment, Buffer.concat(leaves));
  }
  return frontier;
}

/** Leaves that are missing or wrong are made again, if the records still have the root that was signed. */
export function repairLeaves(
  write: WriteFs,
  dir: string,
  segments: readonly SegmentName[],
  start: Frontier,
  checkpoint: Checkpoint,
): Frontier | undefined {
  const frontier = hashRecords(dir, segments, start, checkpoint.size, () => undefined);
  if (!rootIs(frontier, checkpoint)) return undefined;
  hashRecords(dir, segments, start, checkpoint.size, ({ first }, leaves) => {
    writeFileDurably(write, dir, `${segmentBase(first)}.leaves`, leaves, 0o600);
  });
  return frontier;
}
