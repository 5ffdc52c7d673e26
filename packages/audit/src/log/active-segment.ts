import { HASH_BYTES } from "../merkle/hash.ts";
import { AppendFile } from "./append-file.ts";
import { segmentBase } from "./names.ts";
import { syncFolder, type WriteFs } from "./write-fs.ts";

/**
 * The newest segment and its leaf hashes. Records are durable before their leaf hashes are written: the leaves never
 * know more than the segment. Leaves that found no room wait in memory, and no more records are taken meanwhile.
 */
export class ActiveSegment {
  /** Sequence number of its first record. */
  readonly first: number;
  readonly #records: AppendFile;
  readonly #leaves: AppendFile;
  #waiting: Uint8Array[];

  constructor(write: WriteFs, dir: string, first: number, bytes: number, leaves: number, waiting: Uint8Array[]) {
    const base = `${dir}/${segmentBase(first)}`;
    this.first = first;
    this.#records = new AppendFile(write, `${base}.jsonl`, bytes);
    try {
      this.#leaves = new AppendFile(write, `${base}.leaves`, leaves * HASH_BYTES);
    } catch (error) {
      // A full disk is tried again and again, and must not use up the descriptors.
      this.#records.close();
      throw error;
    }
    this.#waiting = waiting;
    this.#records.sync();
    syncFolder(write, dir);
  }

  /** A new, empty one. */
  static create(write: WriteFs, dir: string, first: number): ActiveSegment {
    return new ActiveSegment(write, dir, first, 0, 0, []);
  }

  get bytes(): number {
    return this.#records.length;
  }

  /** Writes whole lines and makes them durable. */
  append(lines: Uint8Array): void {
    this.flushLeaves();
    this.#records.append(lines);
    this.#records.sync();
  }

  /** Leaf hashes of the lines appended last. */
  addLeaves(leaves: Uint8Array): void {
    this.#waiting.push(leaves);
  }

  flushLeaves(): void {
    for (let leaves = this.#waiting[0]; leaves !== undefined; leaves = this.#waiting[0]) {
      this.#leaves.append(leaves);
      this.#waiting.shift();
    }
  }

  /** Leaves of everything appended are durable when this returns. */
  syncLeaves(): void {
    this.flushLeaves();
    this.#leaves.sync();
  }

  close(): void {
    this.#records.close();
    this.#leaves.close();
  }
}
