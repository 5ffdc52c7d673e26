import type { Point } from "./point.ts";
import type { Block } from "./profile.ts";

const NONE: readonly Point[] = Object.freeze([]);

interface Interval {
  readonly start: number;
  /** Exclusive. */
  readonly end: number;
}

/** The points and blocks of one table, sorted by address, so that a question costs a binary search. */
export class TableIndex {
  readonly #points: readonly Point[];
  /** The width of the widest point: no point that starts earlier than this before an address can reach it. */
  readonly #widest: number;
  readonly #blocks: readonly Interval[];
  readonly #memory: readonly Interval[];

  constructor(points: readonly Point[], blocks: readonly Block[]) {
    this.#points = [...points].sort((left, right) => left.address - right.address);
    this.#widest = points.reduce((widest, point) => Math.max(widest, point.count), 1);
    this.#blocks = merge(blocks);
    this.#memory = merge(blocks.filter((block) => block.access === "rw"));
  }

  pointsAt(address: number, quantity: number): readonly Point[] {
    const end = address + quantity;
    let found: Point[] | undefined;
    for (let at = this.#first(address - this.#widest + 1); at < this.#points.length; at += 1) {
      const point = this.#points[at]!;
      if (point.address >= end) break;
      if (point.address + point.count > address) {
        found ??= [];
        found.push(point);
      }
    }
    return found ?? NONE;
  }

  covers(address: number, quantity: number): boolean {
    return within(this.#blocks, address, quantity);
  }

  readable(address: number, quantity: number): boolean {
    return this.covers(address, quantity) && !this.pointsAt(address, quantity).some((point) => point.access === "w");
  }

  partial(address: number, quantity: number): Point | undefined {
    const end = address + quantity;
    const touched = this.pointsAt(address, quantity);
    const isWhole = (point: Point) => point.address >= address && point.address + point.count <= end;
    return touched.find((point) => {
      if (isWhole(point)) return false;
      const from = Math.max(point.address, address);
      const to = Math.min(point.address + point.count, end);
      // A point that shares these registers and is touched as a whole is what is meant.
      return !touched.some((other) => isWhole(other) && other.address <= from && other.address + other.count >= to);
    });
  }

  writable(address: number, quantity: number): boolean {
    if (!this.covers(address, quantity)) return false;
    const points = this.pointsAt(address, quantity);
    if (points.some((point) => point.access === "r")) return false;
    // Walk the gaps between the points: only a plain memory takes a write where no point stands.
    let at = address;
    for (const point of points) {
      if (point.address > at && !within(this.#memory, at, point.address - at)) return false;
      at = Math.max(at, point.address + point.count);
    }
    return at >= address + quantity || within(this.#memory, at, address + quantity - at);
  }

  /** Index of the first point at or behind `address`. */
  #first(address: number): number {
    let low = 0;
    let high = this.#points.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.#points[middle]!.address < address) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}

/** Neighbouring blocks are one interval: a read may run across their border. */
function merge(blocks: readonly Block[]): readonly Interval[] {
  const merged: { start: number; end: number }[] = [];
  for (const block of [...blocks].sort((left, right) => left.address - right.address)) {
    const last = merged.at(-1);
    const end = block.address + block.count;
    if (last !== undefined && block.address <= last.end) last.end = Math.max(last.end, end);
    else merged.push({ start: block.address, end });
  }
  return merged;
}

function within(intervals: readonly Interval[], address: number, quantity: number): boolean {
  let low = 0;
  let high = intervals.length - 1;
  while (low <= high) {
    const middle = (low + high) >>> 1;
    const interval = intervals[middle]!;
    if (address < interval.start) high = middle - 1;
    else if (address >= interval.end) low = middle + 1;
    else return quantity >= 1 && address + quantity <= interval.end;
  }
  return false;
}
