import type { Dimensions } from "./box.ts";

/** One thing that a decision may depend on: its classes, and how a set of them is told. */
export interface Dimension {
  readonly full: bigint;
  words(set: bigint): string;
}

/** What the rules of two policies depend on, by name. */
export class DimensionList implements Dimensions {
  readonly #byName = new Map<string, Dimension>();

  add(name: string, dimension: Dimension): void {
    this.#byName.set(name, dimension);
  }

  full(name: string): bigint {
    return this.#find(name).full;
  }

  words(name: string, set: bigint): string {
    return this.#find(name).words(set);
  }

  #find(name: string): Dimension {
    const dimension = this.#byName.get(name);
    if (dimension === undefined) throw new RangeError(`there is no dimension "${name}"`);
    return dimension;
  }
}

export function bitAt(index: number): bigint {
  return 1n << BigInt(index);
}

/** Names that rules mention, each a class, and one class for all others. */
export class NameClasses implements Dimension {
  readonly #names: readonly string[];
  readonly #noun: string;
  readonly full: bigint;

  constructor(noun: string, names: Iterable<string>) {
    this.#noun = noun;
    this.#names = [...new Set(names)];
    this.full = bitAt(this.#names.length + 1) - 1n;
  }

  setOf(names: Iterable<string>): bigint {
    let set = 0n;
    for (const name of names) set |= bitAt(this.#names.indexOf(name));
    return set;
  }

  /** A name that no rule mentions, or none, is the last class. */
  classOf(name: string | undefined): bigint {
    const index = name === undefined ? -1 : this.#names.indexOf(name);
    return bitAt(index < 0 ? this.#names.length : index);
  }

  words(set: bigint): string {
    const isIn = (_: string, index: number): boolean => (set & bitAt(index)) !== 0n;
    if ((set & bitAt(this.#names.length)) === 0n) return `${this.#noun} ${this.#names.filter(isIn).join(", ")}`;
    const left = this.#names.filter((name, index) => !isIn(name, index));
    return `any ${this.#noun} but ${left.join(", ")}`;
  }
}
