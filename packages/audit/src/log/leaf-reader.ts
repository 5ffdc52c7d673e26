import { closeSync, fstatSync, readSync } from "node:fs";
import { HASH_BYTES } from "../merkle/hash.ts";
import { openExisting } from "./existing.ts";
import { segmentBase } from "./names.ts";

const CHUNK_LEAVES = 8192;

/** Reads the leaf hashes of one segment, by number. No file is no leaves: they can be made again from the records. */
export class LeafReader {
  /** Bytes of the file when it was opened; undefined when there is none. */
  readonly bytes: number | undefined;
  readonly #fd: number | undefined;
  #from = 0;
  #chunk: Buffer = Buffer.alloc(0);

  constructor(dir: string, first: number) {
    this.#fd = openExisting(`${dir}/${segmentBase(first)}.leaves`);
    this.bytes = this.#fd === undefined ? undefined : fstatSync(this.#fd).size;
  }

  /** Whole leaves that are there. */
  get count(): number {
    return Math.floor((this.bytes ?? 0) / HASH_BYTES);
  }

  /** Whether the leaf of record `index` is there and is this one. */
  is(index: number, leaf: Uint8Array): boolean {
    const at = this.#offset(index);
    if (at === undefined) return false;
    for (let byte = 0; byte < HASH_BYTES; byte++) if (this.#chunk[at + byte] !== leaf[byte]) return false;
    return true;
  }

  /** Leaf of the segment's record `index`, valid until the next call; undefined when it is not there. */
  at(index: number): Buffer | undefined {
    const at = this.#offset(index);
    return at === undefined ? undefined : this.#chunk.subarray(at, at + HASH_BYTES);
  }

  close(): void {
    if (this.#fd !== undefined) closeSync(this.#fd);
  }

  /** Where in the chunk the leaf stands, which is read when it is not there. */
  #offset(index: number): number | undefined {
    if (this.#fd === undefined || index < 0 || index >= this.count) return undefined;
    const start = (index - this.#from) * HASH_BYTES;
    if (start >= 0 && start < this.#chunk.length) return start;
    const chunk = Buffer.alloc(Math.min(CHUNK_LEAVES, this.count - index) * HASH_BYTES);
    const got = readSync(this.#fd, chunk, 0, chunk.length, index * HASH_BYTES);
    this.#chunk = chunk.subarray(0, got - (got % HASH_BYTES));
    this.#from = index;
    return this.#chunk.length === 0 ? undefined : 0;
  }
}
