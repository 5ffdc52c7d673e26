import { eachDatagram, wholeAdus } from "./datagram.ts";
import type { Link, LinkListener } from "./link.ts";

/** Bytes on their way to the operating system before `write` says false; the default of a Node socket. */
const bound = 65_536;
/** Datagrams kept for a link that is not open yet. */
const maxEarly = 64;

/**
 * One peer over UDP. Every datagram is one or more whole ADUs and nothing is carried over from one to the next; what is
 * no ADU is dropped. There is no goodbye, so the peer does not hear when this side ends.
 */
export class UdpLink implements Link {
  readonly transport = "udp";
  readonly peer: string;
  readonly certificate: undefined;
  buffered = 0;
  readonly #send: (datagram: Uint8Array, sent: (error: Error | null) => void) => void;
  readonly #left: () => void;
  #listener: LinkListener | undefined;
  #early: Uint8Array[] = [];
  #paused = false;
  #full = false;
  #ending = false;
  #closed = false;
  #told = false;
  #cause: Error | undefined;

  /** `left` is called once, when the link has ended. */
  constructor(
    peer: string,
    send: (datagram: Uint8Array, sent: (error: Error | null) => void) => void,
    left: () => void,
  ) {
    this.peer = peer;
    this.#send = send;
    this.#left = left;
  }

  open(listener: LinkListener): void {
    this.#listener = listener;
    const early = this.#early;
    this.#early = [];
    queueMicrotask(() => {
      for (const datagram of early) this.receive(datagram);
      this.#tellClosed();
    });
  }

  /** A datagram of the peer. One that comes while the link is paused is lost, as UDP may lose any. */
  receive(datagram: Uint8Array): void {
    if (this.#ending || this.#paused) return;
    if (this.#listener === undefined) {
      if (this.#early.length < maxEarly) this.#early.push(Uint8Array.from(datagram));
      return;
    }
    const length = wholeAdus(datagram);
    if (length === 0) return;
    // A Buffer's `slice` shares memory where that of a Uint8Array copies, and decoders rely on the copy.
    this.#listener.received(new Uint8Array(datagram.buffer, datagram.byteOffset, length));
  }

  write(bytes: Uint8Array): boolean {
    if (this.#ending) return true;
    eachDatagram(bytes, (datagram) => {
      this.buffered += datagram.length;
      this.#send(datagram, (error) => {
        this.buffered -= datagram.length;
        if (error !== null) this.fail(error);
        else this.#sent();
      });
    });
    this.#full ||= this.buffered > bound;
    return !this.#full;
  }

  pause(): void {
    this.#paused = true;
  }

  resume(): void {
    this.#paused = false;
  }

  end(): void {
    if (this.#ending) return;
    this.#ending = true;
    if (this.buffered === 0) this.#close();
  }

  destroy(): void {
    this.#ending = true;
    this.#close();
  }

  /** The socket failed. */
  fail(cause: Error): void {
    this.#cause ??= cause;
    this.destroy();
  }

  #sent(): void {
    if (this.buffered > 0) return;
    if (this.#ending) {
      this.#close();
    } else if (this.#full) {
      this.#full = false;
      this.#listener?.drained();
    }
  }

  #close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#early = [];
    this.#left();
    queueMicrotask(() => this.#tellClosed());
  }

  #tellClosed(): void {
    if (!this.#closed || this.#told || this.#listener === undefined) return;
    this.#told = true;
    this.#listener.closed(this.#cause);
  }
}
