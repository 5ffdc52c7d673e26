import { checkListener } from "../callbacks.ts";
import type { Link } from "../link/link.ts";
import { TappedLink } from "../link/tapped.ts";
import type { TracedLine } from "./channel.ts";
import { type Role, TraceDecoder } from "./decoder.ts";
import type { TraceEvent, TraceListener } from "./event.ts";

export interface TraceOptions {
  /** Only the connection with this peer, `192.0.2.7:49152`. Default: all of them, and those to come. */
  readonly peer?: string;
}

interface Watcher {
  readonly listener: TraceListener;
  readonly peer: string | undefined;
}

/** The links of a client or a server, and who watches them. */
export class TraceHub {
  readonly #role: Role;
  readonly #links = new Map<TappedLink, TracedLine | undefined>();
  readonly #watchers = new Set<Watcher>();

  constructor(role: Role) {
    this.#role = role;
  }

  /** The link as its owner is to use it, so that it can be watched. `line` is undefined for Modbus/TCP. */
  tapped(link: Link, line: TracedLine | undefined): Link {
    const tapped = new TappedLink(link);
    this.#links.set(tapped, line);
    tapped.onClosed = () => this.#links.delete(tapped);
    if (this.#watchers.size > 0) this.#update(tapped);
    return tapped;
  }

  /** Watches until what is returned is disposed. */
  add(listener: TraceListener, options: TraceOptions = {}): Disposable {
    checkListener(listener);
    const watcher = { listener, peer: options.peer };
    this.#watchers.add(watcher);
    for (const link of this.#links.keys()) this.#update(link);
    return {
      [Symbol.dispose]: () => {
        this.#watchers.delete(watcher);
        for (const link of this.#links.keys()) this.#update(link);
      },
    };
  }

  #update(link: TappedLink): void {
    const watched = [...this.#watchers].some(({ peer }) => peer === undefined || peer === link.peer);
    if (!watched) link.tap = undefined;
    else
      link.tap ??= new TraceDecoder(link, this.#role, this.#links.get(link), (event) => this.#emit(event), wallClock);
  }

  /** A listener that fails is told of and not called again: the connection is not its business. */
  #emit(event: TraceEvent): void {
    for (const watcher of this.#watchers) {
      if (watcher.peer !== undefined && watcher.peer !== event.peer) continue;
      try {
        watcher.listener(event);
      } catch (error) {
        this.#watchers.delete(watcher);
        for (const link of this.#links.keys()) this.#update(link);
        process.emitWarning(error instanceof Error ? error : new Error(String(error)));
      }
    }
  }
}

/** Finer than `Date.now`, and it never goes back. */
function wallClock(): number {
  return performance.timeOrigin + performance.now();
}
