import type { Scheme } from "../url.ts";
import type { LineTiming } from "./line-timing.ts";

/** What the owner of a link hears. No call happens inside a call to the link. */
export interface LinkListener {
  /** Bytes as they came, cut anywhere. Valid during the call only. */
  received(chunk: Uint8Array): void;
  /** The peer will send nothing more; it may still read. */
  finished(): void;
  /** `write` has returned false and everything written has left since. */
  drained(): void;
  /** The last call, and it comes exactly once. `cause` when the connection broke rather than ended. */
  closed(cause: Error | undefined): void;
}

/** What carries the bytes: the scheme of the URL, or the two ends of a process. */
export type Transport = Scheme | "memory";

/** Bytes in and out between two peers, whatever carries them. */
export interface Link {
  readonly transport: Transport;
  /** The peer's address and port, `192.0.2.7:49152` or `[2001:db8::7]:49152`. */
  readonly peer: string;
  /** DER of the peer's leaf certificate; undefined without TLS and when the peer showed none that verifies. */
  readonly certificate: Uint8Array | undefined;
  /** The timing of a line; undefined where there is none to keep. */
  readonly line?: LineTiming | undefined;
  /** On a line whose echo is read back: how often something else came back than what was sent. */
  readonly collisions?: number | undefined;
  /** Bytes written that have not left yet. */
  readonly buffered: number;
  /** Starts reading. Once per link. */
  open(listener: LinkListener): void;
  /** Takes ownership of `bytes`. False: the buffer is over its bound, stop writing until `drained`. */
  write(bytes: Uint8Array): boolean;
  /**
   * Writes at once what leaves without waiting, from `at` to `end` of `bytes`, which stay the caller's own. Returns how
   * many bytes that were; the others are for `write`. A link that cannot do this has no such method.
   */
  send?(bytes: Uint8Array, at: number, end: number): number;
  /** Stops reading, so that the peer has to wait. */
  pause(): void;
  resume(): void;
  /** Sends what is buffered, then closes in both directions. A peer that does not read is waited for a second. */
  end(): void;
  /** Closes now and gives up what is buffered. */
  destroy(): void;
}
