import type { CapturedItem } from "../item.ts";

/** A place in the order of items. */
export interface Slot {
  /** Undefined while it is waited for. */
  readonly item: CapturedItem | undefined;
  /** Seconds since 1970. */
  readonly time: number;
  /** Stop waiting: `item` is there afterwards. */
  giveUp(): void;
}

/** Handed-out items are removed in one go once there are so many. */
const COMPACT = 1024;

/** Items in the order in which their first frames came; one that waits for its response holds up those behind it. */
export class Output {
  readonly #maxWaiting: number;
  readonly #maxAge: number;
  #slots: Slot[] = [];
  #head = 0;

  /** `maxAge` in seconds. */
  constructor(maxWaiting: number, maxAge: number) {
    this.#maxWaiting = maxWaiting;
    this.#maxAge = maxAge;
  }

  add(slot: Slot): void {
    this.#slots.push(slot);
    if (this.#slots.length - this.#head > this.#maxWaiting) this.#slots[this.#head]!.giveUp();
  }

  put(item: CapturedItem, time: number): void {
    this.add({ item, time, giveUp() {} });
  }

  /** The next item, or undefined when none is there or the next one is waited for. `now` in seconds since 1970. */
  take(now: number): CapturedItem | undefined {
    const slot = this.#slots[this.#head];
    if (slot === undefined) return undefined;
    if (slot.item === undefined) {
      if (now - slot.time <= this.#maxAge) return undefined;
      slot.giveUp();
    }
    this.#head++;
    if (this.#head >= COMPACT && this.#head * 2 > this.#slots.length) {
      this.#slots = this.#slots.slice(this.#head);
      this.#head = 0;
    }
    return slot.item;
  }
}
