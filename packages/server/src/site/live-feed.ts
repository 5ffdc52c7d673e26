import type { Transaction } from "@modwarden/access";
import type { RingReader } from "@modwarden/audit";
import type { LiveEvent, LiveTransaction } from "../http/index.ts";

/** Transactions kept for a page that opens now. */
const KEPT = 1_000;
const MAX_PER_DRAIN = 1_000;

/** The transactions of the line as they happen: drained from the feed's ring, kept for a while, and passed on. */
export class LiveFeed {
  readonly #ring: RingReader;
  readonly #listeners = new Set<(event: LiveEvent) => void>();
  #kept: LiveTransaction[] = [];
  #number = 0;

  constructor(ring: RingReader) {
    this.#ring = ring;
  }

  get watched(): boolean {
    return this.#listeners.size > 0;
  }

  /** Takes what the line has put into the ring. Called on control's tick. */
  drain(): void {
    const fresh: LiveTransaction[] = [];
    this.#ring.drain((bytes) => {
      const body = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("utf8");
      const transaction = JSON.parse(`{${body}`) as Transaction & { readonly t: string };
      this.#number += 1;
      fresh.push({ number: this.#number, ...transaction });
    }, MAX_PER_DRAIN);
    if (fresh.length === 0) return;
    this.#kept = [...this.#kept, ...fresh].slice(-KEPT);
    this.emit({ kind: "transactions", transactions: fresh });
  }

  transactions(limit: number): readonly LiveTransaction[] {
    return limit <= 0 ? [] : this.#kept.slice(-limit);
  }

  subscribe(listener: (event: LiveEvent) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  emit(event: LiveEvent): void {
    for (const listener of this.#listeners) listener(event);
  }
}
