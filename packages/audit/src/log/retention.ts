import { createHash } from "node:crypto";
import { closeSync, openSync, readSync } from "node:fs";
import { AuditError } from "../error.ts";
import type { Frontier } from "../merkle/frontier.ts";
import { formatTime } from "../record/time.ts";
import { AppendFile, asAuditError } from "./append-file.ts";
import type { Checkpoint } from "./checkpoint.ts";
import { checkpointOfSize } from "./checkpoint-search.ts";
import { listFolder, sizeOfExisting } from "./existing.ts";
import { isHeld, readHolds } from "./holds.ts";
import { lastTombstone } from "./last-line.ts";
import { LeafReader } from "./leaf-reader.ts";
import { rootIs } from "./leaf-repair.ts";
import { listSegments, type SegmentName, segmentBase, TOMBSTONES } from "./names.ts";
import { loadPeaks, savePeaks } from "./peaks-file.ts";
import { type PruneReason, type Tombstone, tombstoneLine } from "./tombstone.ts";
import { syncFolder, type WriteFs } from "./write-fs.ts";

/** What is kept of a log; what is left out has no bound. */
export interface Retain {
  /** Segments that were sealed longer ago go. */
  readonly ageMs?: number;
  /** While the log's segments are together larger, the oldest goes. */
  readonly bytes?: number;
}

/** What a retention needs of the log that it removes from. */
export interface PrunedLog {
  readonly dir: string;
  readonly holdsFile: string;
  readonly retain: Retain;
  readonly now: () => Date;
  /** Signed with the key of the present epoch. */
  sign(draft: Omit<Tombstone, "log" | "epoch" | "sig">): Tombstone;
  /** Durable when it returns. */
  record(fields: {
    readonly event: "pruned";
    readonly first: number;
    readonly size: number;
    readonly reason: string;
  }): void;
}

const DAY_MS = 86_400_000;
const LOOK_EVERY_MS = 10 * 60_000;
const SLICE_BYTES = 1024 * 1024;
const SLICE_LEAVES = 8192;
/** A record's own time may differ from that of the checkpoints around it by so much. */
const SLACK_MS = 60_000;

/**
 * Removes the oldest segments, one at a time and a slice of the work per step: first the tombstone is durable, then a
 * record of it, then the files go. Whatever is broken off in between is finished by the next start.
 *
 * A clock that leaps ahead must not empty the log: after a leap of more than a day nothing goes by age for a day.
 */
export class Retention {
  readonly #write: WriteFs;
  readonly #log: PrunedLog;
  readonly #bytes = new Map<string, number>();
  #work: Generator<void, void, void> | undefined;
  /** A tombstone whose files may still be there. */
  #unfinished: Tombstone | undefined;
  #lookedMs = Number.NEGATIVE_INFINITY;
  #seenMs: number;
  #trustedFromMs = Number.NEGATIVE_INFINITY;
  #failed = false;

  /** `seenMs`: when the log was last written. */
  constructor(write: WriteFs, log: PrunedLog, seenMs: number) {
    this.#write = write;
    this.#log = log;
    this.#seenMs = seenMs;
    this.#unfinished = lastTombstone(log.dir).last;
  }

  /** A segment was sealed: there may be something to do. */
  wake(): void {
    this.#lookedMs = Number.NEGATIVE_INFINITY;
  }

  /** The present time, whenever there is something to do: between two of them no day goes by. */
  saw(nowMs: number): void {
    if (nowMs - this.#seenMs > DAY_MS) this.#trustedFromMs = nowMs + DAY_MS;
    this.#seenMs = nowMs;
  }

  /**
   * One slice of work on segments before `activeFirst`. True when there is more. After an error it rests: for a while
   * when there was no room or a hold could not be read, for good otherwise.
   */
  step(activeFirst: number): boolean {
    if (this.#failed) return false;
    const nowMs = this.#log.now().getTime();
    if (this.#work === undefined) {
      if (nowMs >= this.#lookedMs && nowMs - this.#lookedMs < LOOK_EVERY_MS) return false;
      this.#lookedMs = nowMs;
      this.saw(nowMs);
    }
    try {
      this.#work ??= this.#begin(activeFirst, nowMs);
      if (this.#work === undefined) return false;
      if (this.#work.next().done !== true) return true;
      this.#work = undefined;
      // The next oldest may be due as well.
      this.wake();
      return true;
    } catch (cause) {
      this.#work = undefined;
      const error = asAuditError(cause, "removing the oldest segment");
      this.#failed = error.code !== "ERR_AUDIT_FULL" && error.code !== "ERR_AUDIT_HOLDS";
      throw error;
    }
  }

  #begin(activeFirst: number, nowMs: number): Generator<void, void, void> | undefined {
    const segments = listSegments(this.#log.dir).filter(({ first }) => first <= activeFirst);
    const [oldest, next] = segments;
    const unfinished = this.#unfinished;
    if (unfinished !== undefined && listFolder(this.#log.dir).some((name) => isBefore(name, unfinished.size))) {
      return this.#finish(unfinished);
    }
    const { ageMs, bytes } = this.#log.retain;
    if (oldest === undefined || next === undefined || (ageMs === undefined && bytes === undefined)) return undefined;
    const sealed = this.#checkpoint(next.first);
    const tooOld = ageMs !== undefined && Date.parse(sealed.t) < nowMs - ageMs && nowMs >= this.#trustedFromMs;
    const tooMuch = bytes !== undefined && this.#totalBytes(segments) > bytes;
    if (!tooOld && !tooMuch) return undefined;
    return this.#isHeld(oldest, sealed) ? undefined : this.#prune(oldest, sealed, tooOld ? "age" : "size");
  }

  *#prune(segment: SegmentName, sealed: Checkpoint, reason: PruneReason): Generator<void, void, void> {
    const { dir } = this.#log;
    const removed = yield* this.#digest(`${dir}/${segment.file}`);
    yield* this.#keepPeaks(segment.first, sealed);
    // What was put on hold while that was read counts.
    if (this.#isHeld(segment, sealed)) return;
    const nowMs = Math.max(this.#log.now().getTime(), Date.parse(sealed.t));
    const tombstone = this.#log.sign({
      first: segment.first,
      size: sealed.size,
      root: sealed.root,
      file: segment.file,
      ...removed,
      t: formatTime(nowMs),
      reason,
    });
    this.#keep(tombstone, lastTombstone(dir).bytes);
    this.#unfinished = tombstone;
    yield;
    yield* this.#remove(tombstone);
  }

  /** The tombstone can be read, which does not mean that it was kept: it is written once more. */
  *#finish(tombstone: Tombstone): Generator<void, void, void> {
    this.#keep(tombstone, lastTombstone(this.#log.dir).bytes - tombstoneLine(tombstone).length - 1);
    yield;
    yield* this.#remove(tombstone);
  }

  /** What follows a tombstone that is durable. */
  *#remove({ first, size, reason }: Tombstone): Generator<void, void, void> {
    const { dir } = this.#log;
    this.#log.record({ event: "pruned", first, size, reason });
    yield;
    const gone = listFolder(dir).filter((name) => isBefore(name, size));
    // The records go first: leaves and peaks without them are nothing, they without peaks could not be verified.
    for (const records of [true, false]) {
      for (const name of gone.filter((other) => other.includes(".jsonl") === records)) {
        this.#write.unlinkSync(`${dir}/${name}`);
        this.#bytes.delete(name);
        yield;
      }
    }
    syncFolder(this.#write, dir);
    this.#unfinished = undefined;
  }

  *#digest(path: string): Generator<void, { bytes: number; sha256: string }, void> {
    const digest = createHash("sha256");
    const slice = Buffer.alloc(SLICE_BYTES);
    let bytes = 0;
    const fd = openSync(path, "r");
    try {
      for (;;) {
        const got = readSync(fd, slice, 0, slice.length, bytes);
        if (got === 0) return { bytes, sha256: digest.digest("hex") };
        digest.update(slice.subarray(0, got));
        bytes += got;
        yield;
      }
    } finally {
      closeSync(fd);
    }
  }

  /** What remains is verified from the peaks at its beginning: they are held against what was signed, or made again. */
  *#keepPeaks(first: number, sealed: Checkpoint): Generator<void, void, void> {
    const { dir } = this.#log;
    const kept = loadPeaks(dir, sealed.size);
    if (kept !== undefined && rootIs(kept, sealed)) return;
    const frontier: Frontier | undefined = loadPeaks(dir, first)?.clone();
    const leaves = new LeafReader(dir, first);
    try {
      while (frontier !== undefined && frontier.size < sealed.size) {
        const leaf = leaves.at(frontier.size - first);
        if (leaf === undefined) break;
        frontier.append(leaf);
        if (frontier.size % SLICE_LEAVES === 0) yield;
      }
    } finally {
      leaves.close();
    }
    if (frontier === undefined || !rootIs(frontier, sealed)) {
      const message = `the leaf hashes of ${segmentBase(first)} do not have the root that was signed: nothing is removed`;
      throw new AuditError("ERR_AUDIT_FAILED", `${message}. Verify the log`);
    }
    savePeaks(this.#write, dir, frontier);
  }

  /** Writes it at this byte of the file, as the last line. */
  #keep(tombstone: Tombstone, at: number): void {
    const { dir } = this.#log;
    const file = new AppendFile(this.#write, `${dir}/${TOMBSTONES}`, at);
    try {
      file.append(Buffer.from(`${tombstoneLine(tombstone)}\n`));
      file.sync();
      syncFolder(this.#write, dir);
    } finally {
      file.close();
    }
  }

  #isHeld({ first }: SegmentName, sealed: Checkpoint): boolean {
    const { dir, holdsFile } = this.#log;
    const begun = first === 0 ? undefined : checkpointOfSize(dir, first);
    const from = begun === undefined ? 0 : Date.parse(begun.t) - SLACK_MS;
    return isHeld(readHolds(holdsFile), formatTime(from), formatTime(Date.parse(sealed.t) + SLACK_MS));
  }

  /** Segments begin where a checkpoint ends. */
  #checkpoint(size: number): Checkpoint {
    const checkpoint = checkpointOfSize(this.#log.dir, size);
    if (checkpoint !== undefined) return checkpoint;
    throw new AuditError("ERR_AUDIT_FAILED", `no checkpoint ends before record ${size}: verify the log`);
  }

  /** Segments and what stands beside them. The newest one still grows. */
  #totalBytes(segments: readonly SegmentName[]): number {
    let total = 0;
    for (const { first, file } of segments) {
      for (const name of [file, `${segmentBase(first)}.leaves`]) {
        const known = this.#bytes.get(name) ?? sizeOfExisting(`${this.#log.dir}/${name}`) ?? 0;
        if (first !== segments.at(-1)!.first) this.#bytes.set(name, known);
        total += known;
      }
    }
    return total;
  }
}

/** Files of segments before record `size`. */
function isBefore(name: string, size: number): boolean {
  const base = /^(\d{12,16})\.(?:jsonl|jsonl\.zst|jsonl\.gz|leaves|peaks)$/.exec(name)?.[1];
  return base !== undefined && Number(base) < size;
}
