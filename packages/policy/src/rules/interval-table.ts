import type { Coverage } from "./coverage.ts";
import { ADDRESSES } from "./elements.ts";

/** References that one table may hold: overlapping ranges grow with the square of their number. */
const MAX_REFERENCES = 2_000_000;

/**
 * Which coverages are about an element (elements.ts). They are cut into blocks at the ends of the ranges; within a block
 * the answer is the same for every element (unless the table was coarsened to keep to its bound, so readers still
 * compare the range). Lists keep the order of the file.
 */
export class IntervalTable {
  /** First element of each block; the last entry is behind the end. */
  readonly starts: Uint32Array;
  readonly items: readonly Coverage[];
  /** The references of block `b` are `references[offsets[b]]` to `references[offsets[b + 1] - 1]`. */
  readonly offsets: Uint32Array;
  readonly references: Uint32Array;
  /** Per block the first coverage of all of it without conditions, as index into `items`; -1: none. */
  readonly free: Int32Array;
  /**
   * What most requests need, side by side: per block its first element, and the transports and the index of the rule
   * of its free coverage (`freeOf`); behind the last block the end.
   */
  readonly #cells: Int32Array;

  /** `size`: how many elements there can be. */
  constructor(items: readonly Coverage[], maxReferences: number = MAX_REFERENCES, size: number = ADDRESSES) {
    this.items = items;
    this.starts = cut(items, maxReferences, size);
    const blocks = this.starts.length - 1;
    this.offsets = new Uint32Array(blocks + 1);
    this.free = new Int32Array(blocks).fill(-1);
    const spans = items.map((item) => [blockOf(this.starts, item.start), blockOf(this.starts, item.end)] as const);
    for (const [first, last] of spans) {
      for (let block = first; block <= last; block += 1) this.offsets[block + 1]! += 1;
    }
    for (let block = 0; block < blocks; block += 1) this.offsets[block + 1]! += this.offsets[block]!;
    this.references = new Uint32Array(this.offsets[blocks]!);
    const next = this.offsets.slice();
    for (const [index, [first, last]] of spans.entries()) {
      const item = items[index]!;
      for (let block = first; block <= last; block += 1) {
        this.references[next[block]!] = index;
        next[block]! += 1;
        const whole = item.start <= this.starts[block]! && item.end >= this.starts[block + 1]! - 1;
        if (item.unconditional && whole && this.free[block] === -1) this.free[block] = index;
      }
    }
    this.#cells = new Int32Array(2 * blocks + 2);
    for (let block = 0; block <= blocks; block += 1) {
      const free = items[this.free[block] ?? -1];
      this.#cells[2 * block] = this.starts[block]!;
      this.#cells[2 * block + 1] = free === undefined ? -1 : free.rule.index * TRANSPORTS + free.transports;
    }
  }

  /** The block that holds an element. */
  block(element: number): number {
    const cells = this.#cells;
    let low = 0;
    let high = (cells.length >> 1) - 2;
    while (low < high) {
      const middle = (low + high + 1) >>> 1;
      if (cells[2 * middle]! <= element) low = middle;
      else high = middle - 1;
    }
    return low;
  }

  /** The last element of a block. */
  end(block: number): number {
    return this.#cells[2 * block + 2]! - 1;
  }

  /** The index of the rule that covers all of a block without conditions, on these transports; -1: none. */
  freeOf(block: number, transports: number): number {
    const cell = this.#cells[2 * block + 1]!;
    // Shifted, -1 is -1 still.
    return (cell & transports) === 0 ? -1 : cell >> TRANSPORT_BITS;
  }
}

/** Transports are that many bits. */
const TRANSPORT_BITS = 6;
const TRANSPORTS = 64;

function blockOf(starts: Uint32Array, address: number): number {
  let low = 0;
  let high = starts.length - 2;
  while (low < high) {
    const middle = (low + high + 1) >>> 1;
    if (starts[middle]! <= address) low = middle;
    else high = middle - 1;
  }
  return low;
}

function cut(items: readonly Coverage[], maxReferences: number, size: number): Uint32Array {
  const edges = new Set([0, size]);
  for (const item of items) {
    edges.add(item.start);
    edges.add(item.end + 1);
  }
  let starts = Uint32Array.from(edges).sort();
  // Every item needs one reference at least; leaving out every second cut about halves the rest.
  while (starts.length > 2 && tooMany(items, starts, maxReferences)) {
    starts = starts.filter((_, index) => index % 2 === 0 || index === starts.length - 1);
  }
  return starts;
}

function tooMany(items: readonly Coverage[], starts: Uint32Array, maxReferences: number): boolean {
  if (items.length * starts.length <= maxReferences) return false;
  let sum = 0;
  for (const item of items) sum += blockOf(starts, item.end) - blockOf(starts, item.start) + 1;
  return sum > maxReferences;
}
