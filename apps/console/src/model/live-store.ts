/**
 * Holds what the page shows. Events wait 100 ms and are applied together, so a busy site costs ten renderings
 * a second and no more. A paused page keeps what it showed; the site goes on being followed behind it.
 */
import type { LiveEvent } from "../api/wire.ts";
import { afterEvents, type Live, nothingYet } from "./live.ts";

export type Connection = "connecting" | "open" | "lost" | "ended";

export interface Shown {
  readonly live: Live;
  readonly connection: Connection;
  /** When the server last said anything, on this page's clock. */
  readonly heardAt: number | undefined;
  readonly paused: { readonly at: number; readonly newSince: number } | undefined;
}

export interface LiveStoreOptions {
  readonly now: () => number;
  readonly later: (run: () => void, ms: number) => void;
}

const BATCH_MS = 100;
const MOST_WAITING = 50;

export class LiveStore {
  readonly #options: LiveStoreOptions;
  readonly #listeners = new Set<() => void>();
  #waiting: LiveEvent[] = [];
  #scheduled = false;
  #live: Live = nothingYet;
  #held: { readonly live: Live; readonly at: number } | undefined;
  #connection: Connection = "connecting";
  #heardAt: number | undefined;
  #shown: Shown = { live: nothingYet, connection: "connecting", heardAt: undefined, paused: undefined };

  constructor(options: LiveStoreOptions) {
    this.#options = options;
  }

  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => {
      this.#listeners.delete(listener);
    };
  };

  readonly shown = (): Shown => this.#shown;

  /** Number of the newest transaction known, to go on from after a broken connection. */
  get newest(): number | undefined {
    const waiting = this.#waiting.findLast((event) => event.kind === "transactions");
    return waiting?.transactions.at(-1)?.number ?? this.#live.transactions.at(-1)?.number;
  }

  receive(event: LiveEvent): void {
    this.heard();
    this.#waiting.push(event);
    // Browsers hold back the timers of a page that nobody looks at: the wait is bounded by number, too.
    if (this.#waiting.length >= MOST_WAITING) this.#apply();
    this.#schedule();
  }

  /** The server said something, if only that it is alive. */
  heard(): void {
    this.#heardAt = this.#options.now();
    this.#schedule();
  }

  setConnection(connection: Connection): void {
    if (connection === this.#connection) return;
    this.#connection = connection;
    this.#publish();
  }

  pause(): void {
    if (this.#held !== undefined) return;
    this.#apply();
    this.#held = { live: this.#live, at: this.#options.now() };
    this.#publish();
  }

  resume(): void {
    this.#held = undefined;
    this.#apply();
    this.#publish();
  }

  #schedule(): void {
    if (this.#scheduled) return;
    this.#scheduled = true;
    this.#options.later(() => {
      this.#scheduled = false;
      this.#apply();
      this.#publish();
    }, BATCH_MS);
  }

  #apply(): void {
    if (this.#waiting.length === 0) return;
    this.#live = afterEvents(this.#live, this.#waiting, this.#options.now());
    this.#waiting = [];
  }

  #publish(): void {
    this.#shown = {
      live: this.#held?.live ?? this.#live,
      connection: this.#connection,
      heardAt: this.#heardAt,
      paused: this.#held === undefined ? undefined : { at: this.#held.at, newSince: this.#since(this.#held.live) },
    };
    for (const listener of this.#listeners) listener();
  }

  #since(held: Live): number {
    const before = held.transactions.at(-1)?.number ?? -1;
    return Math.max(0, (this.#live.transactions.at(-1)?.number ?? before) - before);
  }
}
