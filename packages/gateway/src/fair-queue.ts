import type { Asker } from "./asker.ts";
import type { Slot } from "./slot.ts";

/** A bounded queue in which the clients that wait take turns, so that one that asks a lot does not stall the others. */
export class FairQueue {
  readonly #capacity: number;
  readonly #bySession = new Map<Asker, Slot[]>();
  #size = 0;

  constructor(capacity: number) {
    this.#capacity = capacity;
  }

  get size(): number {
    return this.#size;
  }

  /** False when the queue is full. */
  add(slot: Slot): boolean {
    const { session } = slot;
    if (session === undefined || this.#size >= this.#capacity) return false;
    const waiting = this.#bySession.get(session);
    if (waiting === undefined) this.#bySession.set(session, [slot]);
    else waiting.push(slot);
    this.#size += 1;
    return true;
  }

  /** The oldest request of the client whose turn it is; that client goes to the end of the line. */
  next(): Slot | undefined {
    for (const [session, waiting] of this.#bySession) {
      this.#bySession.delete(session);
      const slot = waiting.shift();
      if (slot === undefined) continue;
      if (waiting.length > 0) this.#bySession.set(session, waiting);
      this.#size -= 1;
      return slot;
    }
    return undefined;
  }

  remove(slot: Slot): boolean {
    const { session } = slot;
    const waiting = session === undefined ? undefined : this.#bySession.get(session);
    const index = waiting?.indexOf(slot) ?? -1;
    if (session === undefined || waiting === undefined || index < 0) return false;
    waiting.splice(index, 1);
    if (waiting.length === 0) this.#bySession.delete(session);
    this.#size -= 1;
    return true;
  }
}
