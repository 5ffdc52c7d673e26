import type { LineTiming } from "./line-timing.ts";
import type { Link, LinkListener, Transport } from "./link.ts";

/** Who watches a link. It sees bytes before their owner does, and may keep none of them. */
export interface LinkTap {
  received(chunk: Uint8Array): void;
  written(bytes: Uint8Array): void;
  closed(cause: Error | undefined): void;
}

/** A link that can be watched while it is in use. Nobody watching costs one comparison for each chunk and each write. */
export class TappedLink implements Required<Link>, LinkListener {
  tap: LinkTap | undefined;
  /** The link has ended and its owner knows it. */
  onClosed: (() => void) | undefined;
  readonly #link: Link;
  #listener: LinkListener | undefined;

  constructor(link: Link) {
    this.#link = link;
  }

  get transport(): Transport {
    return this.#link.transport;
  }

  get peer(): string {
    return this.#link.peer;
  }

  get certificate(): Uint8Array | undefined {
    return this.#link.certificate;
  }

  get line(): LineTiming | undefined {
    return this.#link.line;
  }

  get collisions(): number | undefined {
    return this.#link.collisions;
  }

  get buffered(): number {
    return this.#link.buffered;
  }

  open(listener: LinkListener): void {
    this.#listener = listener;
    this.#link.open(this);
  }

  write(bytes: Uint8Array): boolean {
    if (this.tap !== undefined) this.tap.written(bytes);
    return this.#link.write(bytes);
  }

  send(bytes: Uint8Array, at: number, end: number): number {
    const sent = this.#link.send?.(bytes, at, end) ?? 0;
    if (sent > 0 && this.tap !== undefined) this.tap.written(bytes.subarray(at, at + sent));
    return sent;
  }

  pause(): void {
    this.#link.pause();
  }

  resume(): void {
    this.#link.resume();
  }

  end(): void {
    this.#link.end();
  }

  destroy(): void {
    this.#link.destroy();
  }

  received(chunk: Uint8Array): void {
    if (this.tap !== undefined) this.tap.received(chunk);
    this.#listener!.received(chunk);
  }

  finished(): void {
    this.#listener!.finished();
  }

  drained(): void {
    this.#listener!.drained();
  }

  closed(cause: Error | undefined): void {
    this.tap?.closed(cause);
    this.#listener!.closed(cause);
    this.onClosed?.();
  }
}
