import { closeSync, readSync } from "node:fs";
import { AuditError } from "../error.ts";
import { type Checkpoint, MAX_CHECKPOINT_BYTES, parseCheckpoint } from "../log/checkpoint.ts";
import { openExisting } from "../log/existing.ts";
import { lastCheckpoint } from "../log/last-line.ts";
import { CHECKPOINTS } from "../log/names.ts";

interface Line {
  readonly checkpoint: Checkpoint;
  /** Where the next line begins. */
  readonly end: number;
}

/**
 * Finds checkpoints of a log by their size or epoch, which both only rise along checkpoints.jsonl: a few reads, however
 * long the file has become. Throws `ERR_AUDIT_TAMPERED` where a line is none.
 */
export class CheckpointFile {
  /** The newest. */
  readonly last: Checkpoint;
  readonly #fd: number;
  readonly #bytes: number;
  readonly #buffer: Buffer = Buffer.alloc(2 * MAX_CHECKPOINT_BYTES);

  private constructor(fd: number, last: Checkpoint, bytes: number) {
    this.#fd = fd;
    this.last = last;
    this.#bytes = bytes;
  }

  /** Undefined when there is no checkpoint. An unfinished last line counts for nothing. */
  static open(dir: string): CheckpointFile | undefined {
    const { last, bytes } = lastCheckpoint(dir);
    const fd = last === undefined ? undefined : openExisting(`${dir}/${CHECKPOINTS}`);
    return last === undefined || fd === undefined ? undefined : new CheckpointFile(fd, last, bytes);
  }

  /** Those over exactly so many records: one as a rule, and more where epochs ended without a new record. */
  ofSize(size: number): Checkpoint[] {
    const found: Checkpoint[] = [];
    let line = this.#first((checkpoint) => checkpoint.size >= size);
    for (; line?.checkpoint.size === size; line = this.#from(line.end)) found.push(line.checkpoint);
    return found;
  }

  /** The first one over at least so many records. */
  covering(size: number): Checkpoint | undefined {
    return this.#first((checkpoint) => checkpoint.size >= size)?.checkpoint;
  }

  /** The last one of an epoch, which names the key of the next; undefined when that epoch has not ended. */
  handover(epoch: number): Checkpoint | undefined {
    const found = this.#first((checkpoint) => checkpoint.epoch > epoch || ends(checkpoint, epoch))?.checkpoint;
    return found !== undefined && ends(found, epoch) ? found : undefined;
  }

  close(): void {
    closeSync(this.#fd);
  }

  /** The first line for which `test` holds; for all after it, it holds as well. */
  #first(test: (checkpoint: Checkpoint) => boolean): Line | undefined {
    let low = 0;
    let high = this.#bytes;
    while (low < high) {
      const middle = Math.floor((low + high) / 2);
      const line = this.#from(middle);
      if (line === undefined || test(line.checkpoint)) high = middle;
      else low = line.end;
    }
    return this.#from(low);
  }

  /** The first line that begins at `offset` or behind it. */
  #from(offset: number): Line | undefined {
    // One byte earlier: the end of a line just before `offset` says that one begins there.
    const from = Math.max(0, offset - 1);
    const got = readSync(this.#fd, this.#buffer, 0, Math.min(this.#buffer.length, this.#bytes - from), from);
    const bytes = this.#buffer.subarray(0, got);
    const start = offset === 0 ? 0 : bytes.indexOf(0x0a) + 1;
    if (from + start >= this.#bytes) return undefined;
    const end = bytes.indexOf(0x0a, start);
    const checkpoint = end < 0 || (offset > 0 && start === 0) ? undefined : parseCheckpoint(bytes.subarray(start, end));
    if (checkpoint === undefined) {
      const message = `checkpoints.jsonl holds no checkpoint at byte ${from + start}: run a verification`;
      throw new AuditError("ERR_AUDIT_TAMPERED", message);
    }
    return { checkpoint, end: from + end + 1 };
  }
}

function ends(checkpoint: Checkpoint, epoch: number): boolean {
  return checkpoint.epoch === epoch && checkpoint.next !== null;
}
