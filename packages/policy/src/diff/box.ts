/**
 * A set of circumstances: for each dimension the classes in which it has to be, as bits. A dimension that is not there
 * may be anything. Dimensions are independent of each other, so a box is empty when one of its sets is.
 */
export type Box = ReadonlyMap<string, bigint>;

/** All classes of each dimension. */
export interface Dimensions {
  full(dimension: string): bigint;
}

export const EVERYTHING: Box = new Map();

/** More boxes than this say nothing to a person, and would take long to compute. */
export const MAX_BOXES = 4_096;

/** The difference has too many parts to be told apart. */
export class TooManyBoxes extends Error {
  constructor() {
    super(`more than ${MAX_BOXES} sets of circumstances`);
    this.name = "TooManyBoxes";
  }
}

/** Undefined: they have nothing in common. */
export function intersect(left: Box, right: Box): Box | undefined {
  const [few, many] = left.size < right.size ? [left, right] : [right, left];
  if (few.size === 0) return many;
  const both = new Map(many);
  for (const [dimension, set] of few) {
    const other = many.get(dimension);
    const common = other === undefined ? set : other & set;
    if (common === 0n) return undefined;
    both.set(dimension, common);
  }
  return both;
}

/** What is in `box` and not in `other`, as boxes that have nothing in common. */
function subtract(box: Box, other: Box, dimensions: Dimensions): readonly Box[] {
  if (intersect(box, other) === undefined) return [box];
  const pieces: Box[] = [];
  const rest = new Map(box);
  for (const [dimension, set] of other) {
    const mine = rest.get(dimension) ?? dimensions.full(dimension);
    const outside = mine & ~set;
    if (outside === 0n) continue;
    pieces.push(new Map(rest).set(dimension, outside));
    rest.set(dimension, mine & set);
  }
  return pieces;
}

export function subtractAll(boxes: readonly Box[], others: readonly Box[], dimensions: Dimensions): readonly Box[] {
  let left = boxes;
  for (const other of others) {
    if (left.length === 0) return left;
    left = left.flatMap((box) => subtract(box, other, dimensions));
    if (left.length > MAX_BOXES) throw new TooManyBoxes();
  }
  return left;
}

export function contains(outer: Box, inner: Box): boolean {
  for (const [dimension, set] of outer) {
    const mine = inner.get(dimension);
    if (mine === undefined || (mine & ~set) !== 0n) return false;
  }
  return true;
}

/** Joins boxes that differ in one dimension, and leaves out those that are in another; full sets are not told. */
export function joined(boxes: readonly Box[], dimensions: Dimensions): readonly Box[] {
  const list = boxes.map((box) => withoutFull(box, dimensions));
  // Quadratic: of very many, joining few is no help.
  if (list.length > 256) return list;
  for (let index = 0; index < list.length; index += 1) {
    for (let other = index + 1; other < list.length; other += 1) {
      const one = join(list[index]!, list[other]!, dimensions);
      if (one === undefined) continue;
      list.splice(other, 1);
      list[index] = one;
      // What did not fit before may fit now.
      index = -1;
      break;
    }
  }
  return list;
}

function withoutFull(box: Box, dimensions: Dimensions): Box {
  return new Map([...box].filter(([dimension, set]) => set !== dimensions.full(dimension)));
}

function join(left: Box, right: Box, dimensions: Dimensions): Box | undefined {
  if (contains(left, right)) return left;
  if (contains(right, left)) return right;
  let differs: string | undefined;
  for (const dimension of new Set([...left.keys(), ...right.keys()])) {
    if (left.get(dimension) === right.get(dimension)) continue;
    if (differs !== undefined) return undefined;
    differs = dimension;
  }
  if (differs === undefined) return left;
  const either = (left.get(differs) ?? 0n) | (right.get(differs) ?? 0n);
  return withoutFull(new Map(left).set(differs, either), dimensions);
}
