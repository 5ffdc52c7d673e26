import { closeSync, openSync, readSync } from "node:fs";
import { AppendFile, asAuditError } from "./append-file.ts";
import { listFolder } from "./existing.ts";
import { packMember, SLICE_BYTES } from "./members.ts";
import { listSegments, segmentBase } from "./names.ts";
import { syncFolder, type WriteFs } from "./write-fs.ts";

interface Job {
  readonly base: string;
  readonly from: number;
  readonly to: AppendFile;
  position: number;
}

/**
 * Compresses sealed segments, a slice per step, so that the thread that writes the log is never held up for long. The
 * plain file is removed only when the compressed one is durable under its name.
 */
export class Compactor {
  readonly #write: WriteFs;
  readonly #dir: string;
  readonly #slice: Buffer = Buffer.alloc(SLICE_BYTES);
  #job: Job | undefined;
  #resting = false;

  constructor(write: WriteFs, dir: string) {
    this.#write = write;
    this.#dir = dir;
  }

  /** A segment was sealed: there is something to do. */
  wake(): void {
    this.#resting = false;
  }

  /** One slice of work on segments before `activeFirst`. True when there is more. After an error it rests until woken. */
  step(activeFirst: number): boolean {
    if (this.#resting) return false;
    try {
      this.#job ??= this.#start(activeFirst);
      if (this.#job === undefined) this.#resting = true;
      else this.#advance(this.#job);
    } catch (error) {
      this.stop();
      throw asAuditError(error, "compressing a sealed segment");
    }
    return !this.#resting;
  }

  /** Gives up what is half done; the next open begins again. */
  stop(): void {
    this.#resting = true;
    const job = this.#job;
    if (job === undefined) return;
    this.#job = undefined;
    closeSync(job.from);
    job.to.close();
    this.#write.unlinkSync(job.to.path);
  }

  #start(activeFirst: number): Job | undefined {
    const sealed = listSegments(this.#dir).find(({ first, file }) => first < activeFirst && !file.endsWith(".gz"));
    if (sealed === undefined) return undefined;
    const base = segmentBase(sealed.first);
    const from = openSync(`${this.#dir}/${base}.jsonl`, "r");
    return { base, from, to: new AppendFile(this.#write, `${this.#dir}/${base}.jsonl.gz.tmp`, 0), position: 0 };
  }

  #advance(job: Job): void {
    const got = readSync(job.from, this.#slice, 0, this.#slice.length, job.position);
    if (got > 0) {
      job.to.append(packMember(this.#slice.subarray(0, got)));
      job.position += got;
      return;
    }
    job.to.sync();
    closeSync(job.from);
    job.to.close();
    this.#job = undefined;
    this.#write.renameSync(job.to.path, `${this.#dir}/${job.base}.jsonl.gz`);
    syncFolder(this.#write, this.#dir);
    this.#write.unlinkSync(`${this.#dir}/${job.base}.jsonl`);
    syncFolder(this.#write, this.#dir);
  }
}

/** Removes what a crash left half made. */
export function removeHalfMade(write: WriteFs, dir: string): void {
  for (const name of listFolder(dir)) {
    if (name.endsWith(".tmp")) write.unlinkSync(`${dir}/${name}`);
  }
}
