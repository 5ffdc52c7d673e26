import type { KeyObject } from "node:crypto";
import { type Checkpoint, checkpointSignedBy, parseCheckpoint } from "../log/checkpoint.ts";
import { LineFile } from "../log/line-file.ts";
import { CHECKPOINTS } from "../log/names.ts";
import { readPublicKey } from "../log/public-key.ts";
import { Damage } from "./result.ts";

/** One epoch's checkpoints, as far as they were read. */
interface Epoch {
  readonly number: number;
  /** Records that stand before it. */
  readonly first: number;
  readonly count: number;
  /** Time of the checkpoint that handed over to it. */
  readonly since: string | undefined;
}

/** Reads the checkpoints in order and holds each against the one before and against the key of its epoch. */
export class CheckpointChain {
  readonly #lines: LineFile | undefined;
  #key: KeyObject;
  #last: Checkpoint | undefined;
  #count = 0;
  #present: Epoch = { number: 0, first: 0, count: 0, since: undefined };
  #before: Epoch = { number: -1, first: 0, count: 0, since: undefined };
  #inOrder = false;

  /** Opened before the records are listed: what it covers is then sure to be there. */
  constructor(dir: string, firstKey: KeyObject) {
    this.#key = firstKey;
    this.#lines = LineFile.open(dir, CHECKPOINTS);
  }

  /** Public key of the present epoch. */
  get key(): KeyObject {
    return this.#key;
  }

  get last(): Checkpoint | undefined {
    return this.#last;
  }

  get count(): number {
    return this.#count;
  }

  /** The epoch of the records that the last checkpoint covers; after the end, that of the records behind it. */
  get epoch(): Epoch {
    return this.#present;
  }

  get epochBefore(): Epoch {
    return this.#before;
  }

  /** From here on the log sees to it that the times of checkpoints never go back: they have to be in order. */
  expectOrder(): void {
    this.#inOrder = true;
  }

  /**
   * The next checkpoint; undefined at the end. Throws Damage at the first that does not hold. Of those over fewer than
   * `below` records only the signatures that hand the key over are verified: nothing else of them is relied on.
   */
  next(below = 0): Checkpoint | undefined {
    if (this.#last?.epoch === this.#present.number && this.#last.next !== null) this.#turnEpoch(this.#last.next);
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
    this.#present = { ...this.#present, count: this.#present.count + 1 };
    return checkpoint;
  }

  #turnEpoch(next: string): void {
    const { size, t } = this.#last!;
    this.#key = readPublicKey(next)!;
    this.#before = this.#present;
    this.#present = { number: this.#before.number + 1, first: size, count: 0, since: t };
  }

  close(): void {
    this.#lines?.close();
  }

  #fault(checkpoint: Checkpoint, below: number): string | undefined {
    const { size, log, epoch, next, t } = checkpoint;
    const last = this.#last;
    const due = this.#present.number;
    if (epoch !== due) return `belongs to epoch ${epoch} where epoch ${due} is due`;
    const relied = size >= below || next !== null;
    if (relied && !checkpointSignedBy(checkpoint, this.#key)) return "is not signed by the key of its epoch";
    if (last === undefined) return size > 0 ? undefined : "covers nothing";
    if (log !== last.log) return "belongs to another log";
    if (this.#inOrder && t < last.t) return "is dated before the one before it";
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
