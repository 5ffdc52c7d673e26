/** The consoles that are open now: a bounded number of them. */
import { type EventStream, openEventStream } from "./event-stream.ts";
import type { SiteView } from "./site-view.ts";

export interface StreamLimits {
  readonly streams: number;
  readonly flushMs: number;
  readonly pingMs: number;
}

export class EventStreams {
  readonly #view: SiteView;
  readonly #limits: StreamLimits;
  readonly #now: () => number;
  readonly #open = new Set<EventStream>();

  constructor(view: SiteView, limits: StreamLimits, now: () => number) {
    this.#view = view;
    this.#limits = limits;
    this.#now = now;
  }

  get size(): number {
    return this.#open.size;
  }

  /** Undefined when as many consoles are open as there may be. */
  open(since: number | undefined): ReadableStream<Uint8Array> | undefined {
    if (this.#open.size >= this.#limits.streams) return undefined;
    const stream = openEventStream({
      view: this.#view,
      since,
      flushMs: this.#limits.flushMs,
      pingMs: this.#limits.pingMs,
      now: this.#now,
      ended: () => this.#open.delete(stream),
    });
    this.#open.add(stream);
    return stream.body;
  }

  endAll(): void {
    for (const stream of [...this.#open]) stream.end();
  }
}
