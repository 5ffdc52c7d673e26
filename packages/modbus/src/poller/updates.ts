import type { Item, Reading } from "./item.ts";

/**
 * Readings for one consumer. A point waits at most once: a newer reading takes the place of the one that has not been
 * taken, so that a slow consumer costs no memory and always gets the latest.
 */
export class Updates implements AsyncIterableIterator<Reading> {
  readonly #waiting = new Set<Item>();
  readonly #takers: ((result: IteratorResult<Reading>) => void)[] = [];
  readonly #read: (item: Item) => Reading;
  readonly #leave: (updates: Updates) => void;
  #ended = false;

  constructor(read: (item: Item) => Reading, leave: (updates: Updates) => void) {
    this.#read = read;
    this.#leave = leave;
  }

  /** False when a reading of the item was waiting already. */
  offer(item: Item): boolean {
    const taker = this.#takers.shift();
    if (taker !== undefined) {
      taker({ done: false, value: this.#read(item) });
      return true;
    }
    if (this.#waiting.has(item)) return false;
    this.#waiting.add(item);
    return true;
  }

  withdraw(item: Item): void {
    this.#waiting.delete(item);
  }

  /** What waits can still be taken; nothing comes after it. */
  end(): void {
    this.#ended = true;
    for (const taker of this.#takers.splice(0)) taker({ done: true, value: undefined });
  }

  next(): Promise<IteratorResult<Reading>> {
    const [item] = this.#waiting;
    if (item !== undefined) {
      this.#waiting.delete(item);
      return Promise.resolve({ done: false, value: this.#read(item) });
    }
    if (this.#ended) return Promise.resolve({ done: true, value: undefined });
    return new Promise((resolve) => this.#takers.push(resolve));
  }

  return(): Promise<IteratorResult<Reading>> {
    this.#waiting.clear();
    this.end();
    this.#leave(this);
    return Promise.resolve({ done: true, value: undefined });
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.return();
  }
}
