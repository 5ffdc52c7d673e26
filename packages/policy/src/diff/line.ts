type Real = number | bigint;

export interface LineShape {
  /** Between two neighbouring whole numbers there is nothing. */
  readonly whole: boolean;
  /** There may be no number at all: not known, or none that the type has. */
  readonly withNone: boolean;
  /** Nothing lies outside of it. */
  readonly range?: readonly [Real, Real];
}

/**
 * A number line, cut where conditions cut it. Its classes are bits: 2i is everything between the cuts i - 1 and i, and
 * 2i + 1 is the cut i itself.
 */
export class NumberLine {
  readonly #cuts: readonly Real[];
  readonly full: bigint;
  /** The bit of "no number". */
  readonly none: bigint;

  constructor(cuts: Iterable<Real>, { whole, withNone, range }: LineShape) {
    const inside = [...cuts].filter((cut) => range === undefined || (cut >= range[0] && cut <= range[1]));
    this.#cuts = unique([...inside, ...(range ?? [])]);
    const count = this.#cuts.length;
    this.none = bit(2 * count + 1);
    let full = this.none - 1n;
    if (range !== undefined) full &= ~(1n | bit(2 * count));
    for (let index = 1; whole && index < count; index += 1) {
      if (areNeighbours(this.#cuts[index - 1]!, this.#cuts[index]!)) full &= ~bit(2 * index);
    }
    this.full = withNone ? full | this.none : full;
  }

  /** `value` is one of the cuts, or outside the range. */
  atLeast(value: Real): bigint {
    const below = this.#cuts.filter((cut) => cut < value).length;
    // From the cut itself on; where it is none of them, everything above the one before it.
    return this.full & ~this.none & ~(bit(2 * below + 1) - 1n);
  }

  /** `value` is one of the cuts, or outside the range. */
  atMost(value: Real): bigint {
    const upTo = this.#cuts.filter((cut) => cut <= value).length;
    return this.full & ~this.none & (bit(2 * upTo) - 1n);
  }

  exactly(values: Iterable<Real>): bigint {
    let set = 0n;
    for (const value of values) {
      const at = this.#cuts.findIndex((cut) => isSame(cut, value));
      if (at >= 0) set |= bit(2 * at + 1);
    }
    return set & this.full;
  }

  /** The classes of a set from below to above, each as the cuts that bound it; undefined: no bound. */
  spans(set: bigint): readonly Span[] {
    const spans: Span[] = [];
    for (let index = 0; index <= 2 * this.#cuts.length; index += 1) {
      if ((set & bit(index)) === 0n) continue;
      const [from, to] = index % 2 === 1 ? [(index - 1) / 2, (index - 1) / 2] : [index / 2 - 1, index / 2];
      const open = index % 2 === 0;
      const last = spans.at(-1);
      const connected = last !== undefined && this.#followsOn(last.lastClass, index);
      if (connected) spans[spans.length - 1] = { ...last, to: this.#cuts[to], toOpen: open, lastClass: index };
      else spans.push({ from: this.#cuts[from], fromOpen: open, to: this.#cuts[to], toOpen: open, lastClass: index });
    }
    return spans;
  }

  /** Classes that are empty do not interrupt. */
  #followsOn(before: number, index: number): boolean {
    for (let between = before + 1; between < index; between += 1) {
      if ((this.full & bit(between)) !== 0n) return false;
    }
    return true;
  }
}

export interface Span {
  readonly from: Real | undefined;
  readonly fromOpen: boolean;
  readonly to: Real | undefined;
  readonly toOpen: boolean;
  readonly lastClass: number;
}

function bit(index: number): bigint {
  return 1n << BigInt(index);
}

function unique(cuts: readonly Real[]): readonly Real[] {
  const sorted = cuts.toSorted((left, right) => (left < right ? -1 : left > right ? 1 : 0));
  return sorted.filter((cut, index) => index === 0 || !isSame(cut, sorted[index - 1]!));
}

/** 5 and 5n are one number. */
function isSame(left: Real, right: Real): boolean {
  return !(left < right) && !(left > right);
}

function areNeighbours(left: Real, right: Real): boolean {
  if (typeof left === "number" && typeof right === "number") return right - left <= 1;
  return BigInt(right) - BigInt(left) <= 1n;
}
