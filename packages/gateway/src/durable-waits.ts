import { ringDurable, whenDurable } from "@modwarden/audit";
import type { Clock } from "./clock.ts";
import type { RecorderWatch } from "./recorder-watch.ts";
import type { Slot } from "./slot.ts";

interface Waiting {
  readonly count: number;
  readonly slot: Slot;
  readonly use: number;
}

/** Transactions that wait until a record is durable, in the order of their records. */
export class DurableWaits {
  readonly #buffer: SharedArrayBuffer;
  readonly #watch: RecorderWatch;
  readonly #clock: Clock;
  readonly #resume: (slot: Slot) => void;
  readonly #resumed: () => void;
  #waiting: Waiting[] = [];
  #from = 0;
  #listening = false;

  constructor(
    buffer: SharedArrayBuffer,
    watch: RecorderWatch,
    parts: {
      readonly clock: Clock;
      /** Called for a slot whose record is durable; the slot is still the one that waited. */
      readonly resume: (slot: Slot) => void;
      /** Called after a batch of slots was resumed, outside a step of the line. */
      readonly resumed: () => void;
    },
  ) {
    this.#buffer = buffer;
    this.#watch = watch;
    this.#clock = parts.clock;
    this.#resume = parts.resume;
    this.#resumed = parts.resumed;
  }

  get size(): number {
    return this.#waiting.length - this.#from;
  }

  isDurable(count: number): boolean {
    return count <= ringDurable(this.#buffer);
  }

  /** The slot is resumed once the ring's record `count` is durable, or will not be. */
  add(count: number, slot: Slot): void {
    this.#waiting.push({ count, slot, use: slot.use });
    this.#listen();
  }

  /** Called on the line's tick: a failed log must not leave anybody waiting. */
  tick(): void {
    const durable = this.#watch.look(this.#clock.monotonicMs());
    this.#release(this.#watch.failed ? Number.POSITIVE_INFINITY : durable);
  }

  #listen(): void {
    const head = this.#waiting[this.#from];
    if (this.#listening || head === undefined) return;
    const wait = whenDurable(this.#buffer, head.count);
    if (wait === undefined) {
      this.#release(ringDurable(this.#buffer));
      return;
    }
    this.#listening = true;
    const settled = (): void => {
      this.#listening = false;
      this.tick();
      this.#resumed();
    };
    // It rejects when the log cannot take records: the tick then lets refusals go out without it.
    wait.then(settled, settled);
  }

  #release(durable: number): void {
    for (;;) {
      const head = this.#waiting[this.#from];
      if (head === undefined || head.count > durable) break;
      this.#from += 1;
      if (head.slot.use === head.use) this.#resume(head.slot);
    }
    if (this.#from === this.#waiting.length) {
      this.#waiting = [];
      this.#from = 0;
    } else if (this.#from > 1024) {
      this.#waiting = this.#waiting.slice(this.#from);
      this.#from = 0;
    }
    if (this.size > 0 && !this.#watch.failed) this.#listen();
  }
}
