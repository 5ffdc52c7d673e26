import { closeSync, fstatSync, readSync } from "node:fs";
import { TamperedError } from "../error.ts";
import { type Checkpoint, MAX_CHECKPOINT_BYTES, parseCheckpoint } from "../log/checkpoint.ts";
import { openExisting } from "../log/existing.ts";
import { CHECKPOINTS } from "../log/names.ts";

const LF = 0x0a;

interface Line {
  readonly start: number;
  /** Behind its LF. */
  readonly end: number;
  readonly checkpoint: Checkpoint;
}

/**
 * Finds checkpoints by halving: sizes and epochs only rise, and a file of a year may hold millions. What it reads is
 * not verified. Throws `ERR_AUDIT_TAMPERED` where a line is none that the log would write.
 */
export class CheckpointSearch {
  readonly #fd: number | undefined;

  constructor(dir: string) {
    this.#fd = openExisting(`${dir}/${CHECKPOINTS}`);
  }

  /** The first of which this is true, when it is true of all after it as well. */
  first(isIt: (checkpoint: Checkpoint) => boolean): Checkpoint | undefined {
    let found: Checkpoint | undefined;
    let [low, high] = [0, this.#fd === undefined ? 0 : fstatSync(this.#fd).size];
    while (low < high) {
      // Near the middle where a line begins there; else the first, for the rest is short.
      const middle = Math.floor((low + high) / 2);
      const line = (high - low > 4 * MAX_CHECKPOINT_BYTES ? this.#lineFrom(middle) : undefined) ?? this.#lineAt(low);
      if (line === undefined) break;
      if (isIt(line.checkpoint)) {
        found = line.checkpoint;
        high = line.start;
      } else low = line.end;
    }
    return found;
  }

  close(): void {
    if (this.#fd !== undefined) closeSync(this.#fd);
  }

  /** The first line that begins behind `position`. */
  #lineFrom(position: number): Line | undefined {
    const lf = this.#read(position).indexOf(LF);
    return lf < 0 ? undefined : this.#lineAt(position + lf + 1);
  }

  /** Undefined for a line that is not finished. */
  #lineAt(start: number): Line | undefined {
    const bytes = this.#read(start);
    const length = bytes.indexOf(LF);
    if (length < 0 && bytes.length <= MAX_CHECKPOINT_BYTES) return undefined;
    const checkpoint = length < 0 ? undefined : parseCheckpoint(bytes.subarray(0, length));
    if (checkpoint === undefined) throw new TamperedError(0, CHECKPOINTS, "a checkpoint is damaged");
    return { start, end: start + length + 1, checkpoint };
  }

  #read(position: number): Buffer {
    const bytes = Buffer.alloc(MAX_CHECKPOINT_BYTES + 1);
    return bytes.subarray(0, readSync(this.#fd!, bytes, 0, bytes.length, position));
  }
}
