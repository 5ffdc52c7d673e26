import { closeSync, openSync, readSync } from "node:fs";
import { basename } from "node:path";
import { AuditError } from "../error.ts";
import { AppendFile, asAuditError } from "./append-file.ts";
import { listFolder } from "./existing.ts";
import { listSegments, segmentBase } from "./names.ts";
import { packingOf, SEGMENT_FILES } from "./packing.ts";
import { syncFolder, type WriteFs } from "./write-fs.ts";
import { packFrame, SLICE_BYTES } from "./zstd-frame.ts";

const LF = 0x0a;
/** Slices between syncs: what is compressed of them is synced in a few ms. */
const SYNC_EVERY = 16;
/** A record of 1 MiB and its number are shorter. */
const LONGEST_LINE = 2 * 1024 * 1024;

interface Job {
  readonly base: string;
  readonly from: number;
  readonly to: AppendFile;
  position: number;
  slices: number;
}

/**
 * Compresses sealed segments, a slice per step, so that the thread that writes the log is never held up for long. The
 * plain file is removed only when the compressed one is durable under its name.
 */
export class Compactor {
  readonly #write: WriteFs;
  readonly #dir: string;
  #slice: Buffer = Buffer.alloc(SLICE_BYTES);
  #job: Job | undefined;
  #resting = false;
  #failed = false;

  constructor(write: WriteFs, dir: string) {
    this.#write = write;
    this.#dir = dir;
  }

  /** A segment was sealed: there is something to do. */
  wake(): void {
    this.#resting = this.#failed;
  }

  /**
   * One slice of work on segments before `activeFirst`. True when there is more. After an error it rests: until woken
   * when there was no room, for good otherwise, for what a disk has failed to keep once is not trusted to it again.
   */
  step(activeFirst: number): boolean {
    if (this.#resting) return false;
    try {
      this.#job ??= this.#start(activeFirst);
      if (this.#job === undefined) this.#resting = true;
      else this.#advance(this.#job);
    } catch (cause) {
      const error = asAuditError(cause, "compressing a sealed segment");
      this.#failed = error.code !== "ERR_AUDIT_FULL";
      try {
        this.close();
      } catch (closing) {
        this.#failed = true;
        throw asAuditError(closing, "giving up a segment that was being compressed");
      }
      throw error;
    }
    return !this.#resting;
  }

  /** Gives up what is half done; the next open removes what cannot be removed now, and begins again. */
  close(): void {
    this.#resting = true;
    const job = this.#job;
    if (job === undefined) return;
    this.#letGo(job);
    const file = basename(job.to.path);
    if (listFolder(this.#dir).includes(file)) this.#write.unlinkSync(job.to.path);
  }

  #start(activeFirst: number): Job | undefined {
    const sealed = listSegments(this.#dir).find(
      ({ first, file }) => first < activeFirst && packingOf(file) === undefined,
    );
    if (sealed === undefined) return undefined;
    const base = segmentBase(sealed.first);
    const from = openSync(`${this.#dir}/${base}.jsonl`, "r");
    try {
      const to = new AppendFile(this.#write, `${this.#dir}/${base}.jsonl.zst.tmp`, 0);
      return { base, from, to, position: 0, slices: 0 };
    } catch (error) {
      closeSync(from);
      throw error;
    }
  }

  #advance(job: Job): void {
    const lines = this.#read(job);
    if (lines.length === 0) {
      this.#finish(job);
      return;
    }
    job.to.append(packFrame(lines));
    job.position += lines.length;
    job.slices++;
    if (job.slices % SYNC_EVERY === 0) job.to.sync();
  }

  /** As many whole lines as a slice holds; one that is longer than a slice by itself. */
  #read({ from, position, base }: Job): Buffer {
    for (let length = SLICE_BYTES; length <= LONGEST_LINE; length *= 2) {
      if (length > this.#slice.length) this.#slice = Buffer.alloc(length);
      const got = this.#slice.subarray(0, readSync(from, this.#slice, 0, length, position));
      const lines = got.subarray(0, got.lastIndexOf(LF) + 1);
      if (lines.length > 0 || got.length === 0) return lines;
    }
    throw new AuditError("ERR_AUDIT_FAILED", `the sealed segment ${base}.jsonl does not end as a line must`);
  }

  #finish(job: Job): void {
    job.to.sync();
    this.#write.renameSync(job.to.path, `${this.#dir}/${job.base}.jsonl.zst`);
    syncFolder(this.#write, this.#dir);
    this.#letGo(job);
    const files = listFolder(this.#dir);
    for (const { ending } of SEGMENT_FILES) {
      const file = `${job.base}${ending}`;
      if (ending !== ".jsonl.zst" && files.includes(file)) this.#write.unlinkSync(`${this.#dir}/${file}`);
    }
    syncFolder(this.#write, this.#dir);
  }

  #letGo(job: Job): void {
    this.#job = undefined;
    closeSync(job.from);
    job.to.close();
  }
}

/** Removes what a crash left half made. */
export function removeHalfMade(write: WriteFs, dir: string): void {
  for (const name of listFolder(dir)) {
    if (name.endsWith(".tmp")) write.unlinkSync(`${dir}/${name}`);
  }
}
