import type { Asker } from "./asker.ts";
import type { Slot } from "./slot.ts";

/** A client whose first request waits for something else, and what came behind it. */
interface Held {
  readonly slot: Slot;
  readonly behind: Slot[];
}

/**
 * A bounded queue in which the clients that wait take turns, so that one that asks a lot does not stall the others.
 * A request that had its turn and cannot leave yet is held: it keeps its place, those behind it of the same client
 * wait with it, and the other clients go on.
 */
export class FairQueue {
  readonly #capacity: number;
  readonly #ahead: Slot[] = [];
  readonly #bySession = new Map<Asker, Slot[]>();
  readonly #held = new Map<Asker, Held>();
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
    const waiting = this.#held.get(session)?.behind ?? this.#bySession.get(session);
    if (waiting === undefined) this.#bySession.set(session, [slot]);
    else waiting.push(slot);
    this.#size += 1;
    return true;
  }

  /** Before everybody else: part of the turn of a request that had it. False when the queue is full. */
  addAhead(slot: Slot): boolean {
    if (this.#size >= this.#capacity) return false;
    this.#ahead.push(slot);
    this.#size += 1;
    return true;
  }

  /** The oldest request of the client whose turn it is; that client goes to the end of the line. */
  next(): Slot | undefined {
    const ahead = this.#ahead.shift();
    if (ahead !== undefined) {
      this.#size -= 1;
      return ahead;
    }
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

  /** The request, just taken, keeps its place until it is resumed. */
  hold(slot: Slot): void {
    const { session } = slot;
    if (session === undefined) return;
    const behind = this.#bySession.get(session) ?? [];
    this.#bySession.delete(session);
    this.#held.set(session, { slot, behind });
    this.#size += 1;
  }

  /** What it waited for is there: it is next. */
  resume(slot: Slot): void {
    const { session } = slot;
    const held = session === undefined ? undefined : this.#held.get(session);
    if (session === undefined || held?.slot !== slot) return;
    this.#held.delete(session);
    if (held.behind.length > 0) this.#bySession.set(session, held.behind);
    this.#ahead.push(slot);
  }

  remove(slot: Slot): boolean {
    const { session } = slot;
    if (session === undefined) return false;
    const held = this.#held.get(session);
    if (held?.slot === slot) {
      this.#held.delete(session);
      if (held.behind.length > 0) this.#bySession.set(session, held.behind);
      this.#size -= 1;
      return true;
    }
    const waiting = held?.behind ?? this.#bySession.get(session);
    if (!taken(this.#ahead, slot)) {
      if (waiting === undefined || !taken(waiting, slot)) return false;
      if (waiting.length === 0) this.#bySession.delete(session);
    }
    this.#size -= 1;
    return true;
  }

  /** Takes everything, also what is held. */
  drain(): Slot[] {
    for (const { slot } of [...this.#held.values()]) this.resume(slot);
    const all: Slot[] = [];
    for (let slot = this.next(); slot !== undefined; slot = this.next()) all.push(slot);
    return all;
  }
}

function taken(list: Slot[], slot: Slot): boolean {
  const index = list.indexOf(slot);
  if (index >= 0) list.splice(index, 1);
  return index >= 0;
}
