import { HASH_BYTES } from "../merkle/hash.ts";
import { AppendFile } from "./append-file.ts";
import { sizeOfExisting } from "./existing.ts";
import { segmentBase } from "./names.ts";
import { syncFolder, type WriteFs } from "./write-fs.ts";

/** What of the newest segment stays when it is taken up again. */
export interface SegmentContent {
  /** Bytes of its whole records. */
  readonly bytes: number;
  /** Bytes of those that a checkpoint covers: they were durable before it was written. */
  readonly coveredBytes: number;
  /** Leaf hashes that a checkpoint covers, */
  readonly leaves: number;
  /** and those behind them, which are to be written. */
  readonly waiting: readonly Uint8Array[];
}

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

  constructor(write: WriteFs, dir: string, first: number, content: SegmentContent) {
    const base = `${dir}/${segmentBase(first)}`;
    this.first = first;
    this.#records = new AppendFile(write, `${base}.jsonl`, content.bytes, content.coveredBytes);
    try {
      this.#leaves = new AppendFile(write, `${base}.leaves`, content.leaves * HASH_BYTES);
    } catch (error) {
      // A full disk is tried again and again, and must not use up the descriptors.
      this.#records.close();
      throw error;
    }
    this.#waiting = [...content.waiting];
    try {
      this.#records.sync();
      syncFolder(write, dir);
    } catch (error) {
      this.close();
      throw error;
    }
  }

  /** A new, empty one. */
  static create(write: WriteFs, dir: string, first: number): ActiveSegment {
    try {
      return new ActiveSegment(write, dir, first, { bytes: 0, coveredBytes: 0, leaves: 0, waiting: [] });
    } catch (error) {
      // The one before goes on meanwhile: an empty one whose number falls within it would be taken for damage.
      for (const name of [`${segmentBase(first)}.jsonl`, `${segmentBase(first)}.leaves`]) {
        if (sizeOfExisting(`${dir}/${name}`) === 0) write.unlinkSync(`${dir}/${name}`);
      }
      throw error;
    }
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
