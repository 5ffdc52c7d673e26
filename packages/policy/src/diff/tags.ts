import { bitAt, type Dimension } from "./dimension.ts";

/** With more tags the sets of them are too many to be told apart. */
const MOST_TAGS = 10;

/** The sets of tags that somebody may have, of those that rules mention. */
export class TagClasses implements Dimension {
  readonly #tags: readonly string[];
  /** The lists that rules have. */
  readonly #lists: readonly (readonly string[])[];
  readonly full: bigint;

  constructor(lists: readonly (readonly string[])[]) {
    this.#lists = lists;
    this.#tags = [...new Set(lists.flat())];
    this.full = bitAt(2 ** this.#tags.length) - 1n;
  }

  static fits(lists: readonly (readonly string[])[]): boolean {
    return new Set(lists.flat()).size <= MOST_TAGS;
  }

  setOf(anyOf: Iterable<string>): bigint {
    const wanted = [...anyOf].reduce((bits, tag) => bits | (1 << this.#tags.indexOf(tag)), 0);
    let set = 0n;
    for (let owned = 0; owned < 2 ** this.#tags.length; owned += 1) if ((owned & wanted) !== 0) set |= bitAt(owned);
    return set;
  }

  classOf(tags: readonly string[]): bigint {
    const owned = this.#tags.reduce((bits, tag, index) => (tags.includes(tag) ? bits | (1 << index) : bits), 0);
    return bitAt(owned);
  }

  words(set: bigint): string {
    for (const list of this.#lists) {
      const any = this.setOf(list);
      if (set === any) return `with a tag of ${list.join(", ")}`;
      if (set === (this.full & ~any)) return `without the tags ${list.join(", ")}`;
      for (const other of this.#lists) {
        if (set === (any & ~this.setOf(other)))
          return `with a tag of ${list.join(", ")} and none of ${other.join(", ")}`;
      }
    }
    return `with some sets of the tags ${this.#tags.join(", ")}`;
  }
}
