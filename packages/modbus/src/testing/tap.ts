import type { Link } from "../link/link.ts";

/** One end of a link in the hands of a test: bytes in, bytes out, and what became of it. */
export class Tap {
  readonly link: Link;
  /** Resolves when the peer has sent its last byte or the link has ended. */
  readonly finished: Promise<void>;
  readonly closed: Promise<Error | undefined>;
  /** How often `received` was called. */
  chunks = 0;
  /** How often `closed` was called. */
  closings = 0;
  #bytes: number[] = [];
  #wanted: {
    readonly count: number;
    readonly resolve: (bytes: Uint8Array) => void;
    readonly reject: (error: Error) => void;
  }[] = [];

  constructor(link: Link) {
    this.link = link;
    const finished = Promise.withResolvers<void>();
    const closed = Promise.withResolvers<Error | undefined>();
    this.finished = finished.promise;
    this.closed = closed.promise;
    link.open({
      received: (chunk) => {
        this.chunks += 1;
        for (const byte of chunk) this.#bytes.push(byte);
        this.#serve();
      },
      finished: () => finished.resolve(),
      drained: () => undefined,
      closed: (cause) => {
        this.closings += 1;
        for (const want of this.#wanted) want.reject(new Error(`the link ended with ${this.#bytes.length} bytes`));
        this.#wanted = [];
        finished.resolve();
        closed.resolve(cause);
      },
    });
  }

  /** Received and not taken. */
  get waiting(): number {
    return this.#bytes.length;
  }

  write(bytes: ArrayLike<number>): void {
    this.link.write(Uint8Array.from(bytes));
  }

  /** The next `count` bytes. Rejects when the link ends before they are there. */
  take(count: number): Promise<Uint8Array> {
    return new Promise((resolve, reject) => {
      this.#wanted.push({ count, resolve, reject });
      this.#serve();
    });
  }

  #serve(): void {
    for (let want = this.#wanted[0]; want !== undefined && this.#bytes.length >= want.count; want = this.#wanted[0]) {
      this.#wanted.shift();
      want.resolve(Uint8Array.from(this.#bytes.splice(0, want.count)));
    }
  }
}
