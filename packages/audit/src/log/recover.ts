import { createHash, type KeyObject } from "node:crypto";
import { closeSync, openSync, readSync, statSync } from "node:fs";
import { TamperedError } from "../error.ts";
import { Frontier } from "../merkle/frontier.ts";
import { leafHash } from "../merkle/hash.ts";
import { parseRecord } from "../record/record.ts";
import { holdsLog, verifyLog } from "../verify/verify.ts";
import { ActiveSegment } from "./active-segment.ts";
import type { Checkpoint } from "./checkpoint.ts";
import { keyOfEpoch } from "./checkpoint-search.ts";
import { findTombstone } from "./find-tombstone.ts";
import { loadFrontier } from "./frontier-file.ts";
import { lastTombstone } from "./last-line.ts";
import { LeafReader } from "./leaf-reader.ts";
import { frontierFromLeaves, repairLeaves } from "./leaf-repair.ts";
import { openSegment } from "./line-file.ts";
import { listSegments, type SegmentName, segmentOf } from "./names.ts";
import { packingOf } from "./packing.ts";
import { loadPeaks } from "./peaks-file.ts";
import { endsInStop, isOpening } from "./stopped.ts";
import { tombstoneSignedBy } from "./tombstone.ts";
import { isOwnTombstone } from "./tombstone-check.ts";
import type { WriteFs } from "./write-fs.ts";

/** What was cut off behind the last whole record: bytes of writes that never became durable. */
export interface TornTail {
  readonly cutBytes: number;
  /** SHA-256 of what was cut off, hex. */
  readonly sha256: string;
}

export interface Recovered {
  readonly frontier: Frontier;
  readonly segment: ActiveSegment;
  /** Time of the newest segment's first record. */
  readonly begun: string | undefined;
  readonly torn: TornTail | undefined;
  readonly leavesRebuilt: boolean;
  /** Whole records behind the last checkpoint, which are kept though nothing vouches for them. */
  readonly uncovered: number;
  /** The log ended with its stop record. */
  readonly clean: boolean;
}

/** Names what is wrong, by verifying everything. */
export function accuse(dir: string, seq: number, reason: string): TamperedError {
  const result = holdsLog(dir) ? verifyLog({ dir }) : undefined;
  return result === undefined || result.ok
    ? new TamperedError(seq, segmentOf(listSegments(dir), seq), reason)
    : new TamperedError(result.seq, result.segment, result.reason);
}

/**
 * Brings a log back to where it can go on: every record that the last checkpoint covers is there (in full below the
 * newest segment's beginning by its leaf hashes, in the newest segment by its bytes), whole records behind it stay,
 * and a torn tail is cut off. Throws TamperedError for damage below the checkpoint.
 */
export function recover(
  write: WriteFs,
  dir: string,
  keyFolder: string,
  last: Checkpoint,
  firstKey: KeyObject,
): Recovered {
  const segments = listSegments(dir);
  const newest = segments.at(-1);
  if (newest === undefined || packingOf(newest.file) !== undefined || newest.first > last.size) {
    throw accuse(dir, Math.min(newest?.first ?? 0, last.size), "its segment is missing");
  }
  const hint = loadFrontier(keyFolder);
  // It was kept behind a checkpoint of its size: the folder is older than that, put back from a copy.
  if (hint !== undefined && hint.size > last.size) throw accuse(dir, last.size, "the checkpoints after it are missing");
  const removed = lastTombstone(dir);
  if (removed.bytes > 0 && (removed.last === undefined || !isOwnTombstone(dir, removed.last, last, firstKey))) {
    throw accuse(dir, removed.last?.first ?? 0, "the last tombstone is none of this log's");
  }
  const base = beginning(dir, segments[0]!.first, firstKey);
  let frontier: Frontier | undefined;
  if (leavesFit(dir, segments)) {
    // Behind the beginning of the newest segment it would pass over leaves that are held against records below.
    if (hint !== undefined && hint.size <= newest.first) frontier = frontierFromLeaves(dir, segments, hint, last);
    frontier ??= frontierFromLeaves(dir, segments, base, last);
  }
  const leavesRebuilt = frontier === undefined;
  frontier ??= repairLeaves(write, dir, segments, base, last);
  if (frontier === undefined) throw accuse(dir, base.size, "the records do not have the root that was signed");
  const tail = readNewest(dir, newest, last, frontier);
  const torn = cutOff(`${dir}/${newest.file}`, tail.bytes);
  const { bytes, coveredBytes } = tail;
  const leaves = last.size - newest.first;
  const waiting = [Buffer.concat(tail.leaves)];
  const segment = new ActiveSegment(write, dir, newest.first, { bytes, coveredBytes, leaves, waiting });
  return {
    frontier,
    segment,
    begun: tail.begun,
    torn,
    leavesRebuilt,
    uncovered: tail.leaves.length,
    clean: tail.clean,
  };
}

/**
 * What stood before the first segment that is here. Where that is not the log's first, a tombstone must say why, signed
 * by a key that the checkpoints hand over; whether they do so rightly is for a verification.
 */
function beginning(dir: string, first: number, firstKey: KeyObject): Frontier {
  if (first === 0) return Frontier.empty();
  const tombstone = findTombstone(dir, first);
  const key = tombstone === undefined ? undefined : keyOfEpoch(dir, firstKey, tombstone.epoch);
  if (tombstone === undefined || key === undefined || !tombstoneSignedBy(tombstone, key)) {
    throw accuse(dir, 0, "the records before the first segment are gone, and no tombstone says why");
  }
  const frontier = loadPeaks(dir, first);
  if (frontier?.root().toString("base64") === tombstone.root) return frontier;
  throw accuse(dir, first, "the peaks of the first segment that remains are missing or damaged");
}

/** Sealed segments have as many leaves as the next one's name says; a segment or a leaf that is gone shows here. */
function leavesFit(dir: string, segments: readonly SegmentName[]): boolean {
  let expected = segments[0]?.first ?? 0;
  for (const [index, { first }] of segments.entries()) {
    if (first !== expected) return false;
    const next = segments[index + 1]?.first ?? first;
    const leaves = new LeafReader(dir, first);
    leaves.close();
    expected = leaves.bytes === undefined ? next : first + leaves.count;
  }
  return true;
}

interface Newest {
  /** Bytes of the records that stay. */
  readonly bytes: number;
  /** Of them, those of the records that the checkpoint covers. */
  readonly coveredBytes: number;
  /** Leaf hashes of those behind the checkpoint. */
  readonly leaves: readonly Uint8Array[];
  /** Time of the first. */
  readonly begun: string | undefined;
  readonly clean: boolean;
}

/** Checks the newest segment's records against their leaves, and takes up whole records behind the checkpoint. */
function readNewest(dir: string, newest: SegmentName, last: Checkpoint, frontier: Frontier): Newest {
  const reader = openSegment(dir, newest);
  const stored = new LeafReader(dir, newest.first);
  const leaves: Uint8Array[] = [];
  let bytes = 0;
  let coveredBytes = 0;
  const stopped = endsInStop(dir, last);
  let seq = newest.first;
  let begun: string | undefined;
  try {
    for (let line = reader.next(); line !== undefined; line = reader.next(), seq++) {
      const leaf = leafHash(line);
      if (seq < last.size) {
        if (stored.at(seq - newest.first)?.equals(leaf) !== true) throw accuse(dir, seq, "its bytes have changed");
      } else {
        const record = parseRecord(line, seq);
        if (typeof record === "string") break;
        if (stopped && !isOpening(record)) throw accuse(dir, seq, "it stands behind the end of a log that was stopped");
        frontier.append(leaf);
        leaves.push(leaf);
      }
      begun ??= timeOf(line, seq);
      bytes += line.length + 1;
      if (seq < last.size) coveredBytes = bytes;
    }
    if (seq < last.size) throw accuse(dir, seq, "it is missing");
    return { bytes, coveredBytes, leaves, begun, clean: stopped && seq === last.size };
  } finally {
    reader.close();
    stored.close();
  }
}

function timeOf(line: Buffer, seq: number): string | undefined {
  const record = parseRecord(line, seq);
  return typeof record === "string" ? undefined : record.t;
}

/** Describes what stands behind `from` in `file`, without changing it. */
function cutOff(file: string, from: number): TornTail | undefined {
  const { size } = statSync(file);
  if (size <= from) return undefined;
  const digest = createHash("sha256");
  const chunk = Buffer.alloc(256 * 1024);
  const fd = openSync(file, "r");
  try {
    for (let at = from; at < size; ) {
      const got = readSync(fd, chunk, 0, chunk.length, at);
      if (got === 0) break;
      digest.update(chunk.subarray(0, got));
      at += got;
    }
  } finally {
    closeSync(fd);
  }
  return { cutBytes: size - from, sha256: digest.digest("hex") };
}
