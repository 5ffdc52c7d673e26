import { emptyHash, HASH_BYTES, joinHashes } from "./hash.ts";

/** One for each bit of the largest size, and one that is being merged. */
const MOST_PEAKS = 54;

/**
 * The right edge of a Merkle tree (RFC 9162 § 2.1): the roots of its complete subtrees, largest first. It holds one
 * hash per bit that is set in the size, takes a leaf in one node hash on average, and knows the root of the whole.
 */
export class Frontier {
  /** The peaks side by side: two that are merged stand as the hash wants them. */
  readonly #peaks: Buffer = Buffer.alloc(MOST_PEAKS * HASH_BYTES);
  #end = 0;
  #size = 0;

  static empty(): Frontier {
    return new Frontier();
  }

  /** From peaks that were kept. Undefined when their number does not fit the size; their truth shows in the root. */
  static restore(size: number, peaks: readonly Uint8Array[]): Frontier | undefined {
    const fits = Number.isSafeInteger(size) && size >= 0 && peaks.length === bitsSet(size);
    if (!fits || peaks.some((peak) => peak.length !== HASH_BYTES)) return undefined;
    const frontier = new Frontier();
    for (const peak of peaks) frontier.#push(peak);
    frontier.#size = size;
    return frontier;
  }

  get size(): number {
    return this.#size;
  }

  get peaks(): readonly Uint8Array[] {
    const peaks: Uint8Array[] = [];
    for (let at = 0; at < this.#end; at += HASH_BYTES) peaks.push(new Uint8Array(this.#peaks.subarray(at, at + 32)));
    return peaks;
  }

  append(leaf: Uint8Array): void {
    this.#push(leaf);
    // A peak is merged for every low bit that is set: the carry of a binary counter (sizes may exceed 32 bits).
    for (let size = this.#size; size % 2 === 1; size = (size - 1) / 2) {
      this.#end -= HASH_BYTES;
      joinHashes(this.#peaks, this.#end - HASH_BYTES);
    }
    this.#size++;
  }

  /** Leaves one behind the other. */
  appendAll(leaves: Uint8Array): void {
    for (let at = 0; at < leaves.length; at += HASH_BYTES) this.append(leaves.subarray(at, at + HASH_BYTES));
  }

  /** Root over all leaves so far. */
  root(): Buffer {
    if (this.#end === 0) return emptyHash();
    const peaks = Buffer.from(this.#peaks.subarray(0, this.#end));
    for (let at = this.#end - 2 * HASH_BYTES; at >= 0; at -= HASH_BYTES) joinHashes(peaks, at);
    return Buffer.from(peaks.subarray(0, HASH_BYTES));
  }

  clone(): Frontier {
    const clone = new Frontier();
    this.#peaks.copy(clone.#peaks, 0, 0, this.#end);
    clone.#end = this.#end;
    clone.#size = this.#size;
    return clone;
  }

  #push(hash: Uint8Array): void {
    this.#peaks.set(hash, this.#end);
    this.#end += HASH_BYTES;
  }
}

function bitsSet(size: number): number {
  let count = 0;
  for (let rest = size; rest > 0; rest = Math.floor(rest / 2)) count += rest % 2;
  return count;
}
