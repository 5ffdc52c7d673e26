import type { KeyObject } from "node:crypto";
import { type Checkpoint, checkpointSignedBy, parseCheckpoint } from "../log/checkpoint.ts";
import { LineFile } from "../log/line-file.ts";
import { CHECKPOINTS } from "../log/names.ts";
import { readPublicKey } from "../log/public-key.ts";
import { Damage } from "./result.ts";

/** Reads the checkpoints in order and holds each against the one before and against the key of its epoch. */
export class CheckpointChain {
  readonly #lines: LineFile | undefined;
  #key: KeyObject;
  #epoch = 0;
  #last: Checkpoint | undefined;
  #count = 0;

  /** Opened before the records are listed: what it covers is then sure to be there. */
  constructor(dir: string, firstKey: KeyObject) {
    this.#key = firstKey;
    this.#lines = LineFile.open(dir, CHECKPOINTS);
  }

  get last(): Checkpoint | undefined {
    return this.#last;
  }

  get count(): number {
    return this.#count;
  }

  /**
   * The next checkpoint; undefined at the end. Throws Damage at the first that does not hold. Of those over fewer than
   * `below` records only the signatures that hand the key over are verified: nothing else of them is relied on.
   */
  next(below = 0): Checkpoint | undefined {
    const line = this.#lines?.next();
    if (line === undefined) {
      this.#checkEnd();
      return undefined;
    }
    const checkpoint = parseCheckpoint(line);
    if (checkpoint === undefined) throw this.#damage("is no line that the log would write");
    const reason = this.#fault(checkpoint, below);
    if (reason !== undefined) throw this.#damage(reason);
    this.#last = checkpoint;
    this.#count++;
    if (checkpoint.next !== null) {
      this.#key = readPublicKey(checkpoint.next)!;
      this.#epoch++;
    }
    return checkpoint;
  }

  close(): void {
    this.#lines?.close();
  }

  #fault(checkpoint: Checkpoint, below: number): string | undefined {
    const { size, log, epoch, next } = checkpoint;
    const last = this.#last;
    if (epoch !== this.#epoch) return `belongs to epoch ${epoch} where epoch ${this.#epoch} is due`;
    const relied = size >= below || next !== null;
    if (relied && !checkpointSignedBy(checkpoint, this.#key)) return "is not signed by the key of its epoch";
    if (last === undefined) return size > 0 ? undefined : "covers nothing";
    if (log !== last.log) return "belongs to another log";
    // Only the last checkpoint of an epoch may say nothing new but the next key.
    if (size < last.size || (size === last.size && next === null)) return "covers no more than the one before";
    if (size === last.size && checkpoint.root !== last.root) return "has another root for the same records";
    return undefined;
  }

  /** A line that is just being written has no end yet; one that is whole but for its LF has been changed. */
  #checkEnd(): void {
    const rest = this.#lines?.unfinished ?? Buffer.alloc(0);
    if (this.#lines?.damage !== undefined || parseCheckpoint(rest.subarray(0, -1)) !== undefined) {
      throw this.#damage("does not end as a line must");
    }
    if (this.#last === undefined) throw new Damage(0, "there is no checkpoint");
  }

  #damage(reason: string): Damage {
    return new Damage(this.#last?.size ?? 0, `checkpoint ${this.#count} ${reason}`);
  }
}
