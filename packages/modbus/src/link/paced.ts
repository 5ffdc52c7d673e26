import { MAX_RTU_ADU } from "@modwarden/protocol";
import { realTimers, type Timers } from "../timers.ts";
import type { LineTiming } from "./line-timing.ts";
import type { Link, LinkListener } from "./link.ts";

/** Bytes that wait for silence before `write` says false. */
const bound = 65_536;
/** A line that is never quiet for longer than its longest frame, and this, is spoken on all the same. */
const patienceMs = 100;
const maxEchoes = 16;

/** The link as it is used on a line: with silence before each frame, and without the echo of what was sent. */
export function paced(link: Link, line: LineTiming | undefined, timers: Timers = realTimers): Link {
  return line === undefined ? link : new PacedLink(link, line, timers);
}

/**
 * Keeps the line quiet for three and a half characters before each write, counted from the last byte that came or went,
 * and takes back out what the adapter hears of itself. Serial Line V1.02 § 2.5.1.1
 */
class PacedLink implements Link {
  readonly line: LineTiming;
  /** Writes that did not come back as they were sent: somebody else spoke at the same time. */
  collisions = 0;
  readonly #link: Link;
  readonly #timers: Timers;
  #listener: LinkListener | undefined;
  #queue: Uint8Array[] = [];
  #queued = 0;
  #full = false;
  #wait: (() => void) | undefined;
  #waitUntil = 0;
  /** When the line is taken to be quiet since. */
  #quietSince = Number.NEGATIVE_INFINITY;
  #echo: Uint8Array[] = [];
  /** Bytes of the first of `#echo` that have come back. */
  #matched = 0;
  #ending = false;

  constructor(link: Link, line: LineTiming, timers: Timers) {
    this.#link = link;
    this.line = line;
    this.#timers = timers;
  }

  get transport(): Link["transport"] {
    return this.#link.transport;
  }

  get peer(): string {
    return this.#link.peer;
  }

  get certificate(): Uint8Array | undefined {
    return this.#link.certificate;
  }

  get buffered(): number {
    return this.#queued + this.#link.buffered;
  }

  open(listener: LinkListener): void {
    this.#listener = listener;
    this.#link.open({
      received: (chunk) => {
        this.#quietSince = Math.max(this.#quietSince, this.#timers.now());
        if (this.#echo.length === 0) listener.received(chunk);
        else this.#unecho(chunk, listener);
      },
      finished: () => listener.finished(),
      drained: () => this.#drained(),
      closed: (cause) => {
        this.#wait?.();
        this.#queue = [];
        this.#queued = 0;
        listener.closed(cause);
      },
    });
  }

  write(bytes: Uint8Array): boolean {
    if (this.#ending) return true;
    if (this.#queue.length === 0 && this.#remainingMs() <= 0) return this.#send(bytes);
    this.#queue.push(bytes);
    this.#queued += bytes.length;
    if (this.#wait === undefined) this.#await();
    this.#full ||= this.#queued > bound;
    return !this.#full;
  }

  pause(): void {
    this.#link.pause();
  }

  resume(): void {
    this.#link.resume();
  }

  end(): void {
    if (this.#ending) return;
    this.#ending = true;
    if (this.#queue.length === 0) this.#link.end();
  }

  destroy(): void {
    this.#ending = true;
    this.#wait?.();
    this.#link.destroy();
  }

  #remainingMs(): number {
    return this.#quietSince + this.line.silenceMs - this.#timers.now();
  }

  #await(): void {
    const remaining = this.#remainingMs();
    this.#waitUntil = this.#timers.now() + remaining + this.line.wireMs(MAX_RTU_ADU) + patienceMs;
    this.#wait = this.#timers.after(remaining, this.#go);
  }

  #send(bytes: Uint8Array): boolean {
    const now = this.#timers.now();
    this.#quietSince = Math.max(this.#quietSince, now) + this.line.wireMs(bytes.length);
    if (this.line.echo) {
      // An adapter without echo would let these pile up.
      if (this.#echo.length === maxEchoes) this.#echo = [];
      this.#echo.push(bytes);
    }
    const more = this.#link.write(bytes);
    this.#full ||= !more;
    return more;
  }

  /** What came in the meantime starts the silence anew. */
  readonly #go = (): void => {
    this.#wait = undefined;
    const remaining = this.#remainingMs();
    const left = this.#waitUntil - this.#timers.now();
    if (remaining > 0 && left > 0) {
      this.#wait = this.#timers.after(Math.min(remaining, left), this.#go);
      return;
    }
    const next = this.#queue.shift();
    if (next === undefined) return;
    this.#queued -= next.length;
    const more = this.#send(next);
    if (this.#queue.length > 0) this.#await();
    else if (this.#ending) this.#link.end();
    else if (more) this.#drained();
  };

  #drained(): void {
    if (this.#queue.length > 0 || !this.#full) return;
    this.#full = false;
    this.#listener?.drained();
  }

  /** Compares what comes with what went, and hands on what is somebody else's. */
  #unecho(chunk: Uint8Array, listener: LinkListener): void {
    let at = 0;
    while (at < chunk.length) {
      const sent = this.#echo[0];
      if (sent === undefined) break;
      if (chunk[at] === sent[this.#matched]) {
        at += 1;
        this.#matched += 1;
        if (this.#matched < sent.length) continue;
        this.#echo.shift();
        this.#matched = 0;
        continue;
      }
      // Not an echo after all: what looked like one belongs to what comes now.
      this.collisions += 1;
      const before = sent.slice(0, this.#matched);
      this.#echo = [];
      this.#matched = 0;
      if (before.length > 0) listener.received(before);
    }
    if (at < chunk.length) listener.received(chunk.subarray(at));
  }
}
