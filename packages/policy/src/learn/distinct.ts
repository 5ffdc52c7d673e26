/** More distinct values than this are told apart no longer, only counted as "more". */
const MOST = 32;

/** Which values something had: each of the first few, and the least and greatest of all. */
export class Distinct<Value extends number | bigint> {
  readonly #values = new Set<Value>();
  #least: Value | undefined;
  #most: Value | undefined;
  #isMore = false;

  add(value: Value): void {
    if (this.#least === undefined || value < this.#least) this.#least = value;
    if (this.#most === undefined || value > this.#most) this.#most = value;
    if (this.#values.has(value)) return;
    if (this.#values.size < MOST) this.#values.add(value);
    else this.#isMore = true;
  }

  addAll(other: Distinct<Value>): void {
    for (const value of other.#values) this.add(value);
    if (other.#least !== undefined) this.add(other.#least);
    if (other.#most !== undefined) this.add(other.#most);
    this.#isMore ||= other.#isMore;
  }

  get least(): Value | undefined {
    return this.#least;
  }

  get most(): Value | undefined {
    return this.#most;
  }

  /** All of them, in order, when they are no more than `most`. */
  atMost(most: number): readonly Value[] | undefined {
    if (this.#isMore || this.#values.size > most) return undefined;
    return [...this.#values].sort((left, right) => (left < right ? -1 : 1));
  }

  /** "12", or "more than 32". */
  get countText(): string {
    return this.#isMore ? `more than ${this.#values.size}` : String(this.#values.size);
  }
}
