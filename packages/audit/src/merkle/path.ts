import { nodeHash } from "./hash.ts";

/** Root over the leaves from `from` up to, not with, `to`: the MTH(D[from:to]) of RFC 9162 § 2.1.1. */
export type RangeRoot = (from: number, to: number) => Uint8Array;

/** No tree of 2^53 leaves has a longer path. */
export const MOST_PATH: number = 2 * 53;

/** The hashes that lead from leaf `seq` to the root over `size` leaves, the deepest first. RFC 9162 § 2.1.3.1 */
export function inclusionPath(seq: number, size: number, root: RangeRoot): Uint8Array[] {
  const path: Uint8Array[] = [];
  for (let from = 0, to = size; to - from > 1; ) {
    const middle = from + leftSize(to - from);
    if (seq < middle) {
      path.push(root(middle, to));
      to = middle;
    } else {
      path.push(root(from, middle));
      from = middle;
    }
  }
  return path.reverse();
}

/** The root that leaf `seq` of `size` has by this path; undefined for a path that is none. RFC 9162 § 2.1.3.2 */
export function rootByInclusion(
  leaf: Uint8Array,
  seq: number,
  size: number,
  path: readonly Uint8Array[],
): Uint8Array | undefined {
  if (seq < 0 || seq >= size) return undefined;
  const place = new Place(seq, size - 1);
  let root = leaf;
  for (const node of path) {
    if (place.last === 0) return undefined;
    if (place.isRight) {
      root = nodeHash(node, root);
      place.climb();
    } else root = nodeHash(root, node);
    place.up();
  }
  return place.last === 0 ? root : undefined;
}

/** The hashes that show that the tree over `size` leaves goes on from that over `first`. RFC 9162 § 2.1.4.1 */
export function consistencyPath(first: number, size: number, root: RangeRoot): Uint8Array[] {
  const path: Uint8Array[] = [];
  let from = 0;
  let to = size;
  while (first < to) {
    const middle = from + leftSize(to - from);
    if (first <= middle) {
      path.push(root(middle, to));
      to = middle;
    } else {
      path.push(root(from, middle));
      from = middle;
    }
  }
  // A complete subtree at the left is the first tree itself, whose root is known.
  if (from > 0) path.push(root(from, to));
  return path.reverse();
}

/** The two roots by this path; undefined for a path that is none. `firstRoot` is as it is claimed. RFC 9162 § 2.1.4.2 */
export function rootsByConsistency(
  first: number,
  size: number,
  firstRoot: Uint8Array,
  path: readonly Uint8Array[],
): readonly [first: Uint8Array, second: Uint8Array] | undefined {
  if (first < 1 || first > size) return undefined;
  if (first === size) return path.length === 0 ? [firstRoot, firstRoot] : undefined;
  const [start, ...rest] = isPowerOfTwo(first) ? [firstRoot, ...path] : path;
  if (start === undefined) return undefined;
  const place = new Place(first - 1, size - 1);
  place.leaveRight();
  let [one, other] = [start, start];
  for (const node of rest) {
    if (place.last === 0) return undefined;
    if (place.isRight) {
      one = nodeHash(node, one);
      other = nodeHash(node, other);
      place.climb();
    } else other = nodeHash(other, node);
    place.up();
  }
  return place.last === 0 ? [one, other] : undefined;
}

/** The `fn` and `sn` of the RFC: a node's number at its level, and that of the level's last. Numbers may exceed 32 bits. */
class Place {
  at: number;
  last: number;

  constructor(at: number, last: number) {
    this.at = at;
    this.last = last;
  }

  /** The hash beside it stands at its left. */
  get isRight(): boolean {
    return this.at % 2 === 1 || this.at === this.last;
  }

  up(): void {
    this.at = Math.floor(this.at / 2);
    this.last = Math.floor(this.last / 2);
  }

  /** Where it is the last of its level and has nothing beside it: up to where it has. */
  climb(): void {
    while (this.at % 2 === 0 && this.at !== 0) this.up();
  }

  /** Up to the largest complete subtree that ends here. */
  leaveRight(): void {
    while (this.at % 2 === 1) this.up();
  }
}

/** The largest power of two below `size`: so many leaves stand in the left subtree. */
function leftSize(size: number): number {
  let left = 1;
  while (left * 2 < size) left *= 2;
  return left;
}

function isPowerOfTwo(size: number): boolean {
  return size === 1 || leftSize(size) * 2 === size;
}
