import { emptyHash, HASH_BYTES, nodeHash } from "./hash.ts";

/**
 * The right edge of a Merkle tree (RFC 9162 § 2.1): the roots of its complete subtrees, largest first. It holds one
 * hash per bit that is set in the size, takes a leaf in one node hash on average, and knows the root of the whole.
 */
export class Frontier {
  readonly #peaks: Uint8Array[];
  #size: number;

  private constructor(size: number, peaks: Uint8Array[]) {
    this.#size = size;
    this.#peaks = peaks;
  }

  static empty(): Frontier {
    return new Frontier(0, []);
  }

  /** From peaks that were kept. Undefined when their number does not fit the size; their truth shows in the root. */
  static restore(size: number, peaks: readonly Uint8Array[]): Frontier | undefined {
    const fits = Number.isSafeInteger(size) && size >= 0 && peaks.length === bitsSet(size);
    return fits && peaks.every((peak) => peak.length === HASH_BYTES) ? new Frontier(size, [...peaks]) : undefined;
  }

  get size(): number {
    return this.#size;
  }

  get peaks(): readonly Uint8Array[] {
    return this.#peaks;
  }

  append(leaf: Uint8Array): void {
    let node = leaf;
    // A peak is merged for every low bit that is set: the carry of a binary counter (sizes may exceed 32 bits).
    for (let size = this.#size; size % 2 === 1; size = (size - 1) / 2) node = nodeHash(this.#peaks.pop()!, node);
    // A leaf that becomes a peak is copied: it may be a view of a buffer that is written to again.
    this.#peaks.push(node === leaf ? new Uint8Array(leaf) : node);
    this.#size++;
  }

  /** Root over all leaves so far. */
  root(): Buffer {
    let node = this.#peaks.at(-1);
    if (node === undefined) return emptyHash();
    for (let index = this.#peaks.length - 2; index >= 0; index--) node = nodeHash(this.#peaks[index]!, node);
    return Buffer.from(node);
  }

  clone(): Frontier {
    return new Frontier(this.#size, [...this.#peaks]);
  }
}

function bitsSet(size: number): number {
  let count = 0;
  for (let rest = size; rest > 0; rest = Math.floor(rest / 2)) count += rest % 2;
  return count;
}
