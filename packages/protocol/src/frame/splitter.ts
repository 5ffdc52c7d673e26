import { uint16 } from "../bytes.ts";
import { BadFrameError } from "../errors.ts";
import { MAX_TCP_ADU } from "../limits.ts";
import { mbapFault } from "./mbap.ts";

/** Bytes after which protocol id and length are known. */
const CHECKED = 6;

/**
 * Called for each ADU: the 7-byte header starts at `start`, the PDU at `start + 7`, and the ADU ends before `end`.
 * The bytes are valid during the call only. Returning false stops the stream.
 */
export type EachAdu = (bytes: Uint8Array, start: number, end: number) => boolean;

/**
 * Splits a TCP stream into ADUs without copying whole frames: only a frame that a chunk leaves unfinished is carried
 * over, in a buffer of one ADU. TCP keeps no message borders, so the length field alone aligns the stream; a header
 * that cannot be one is refused as soon as its first six bytes are there, and nothing behind it can be trusted.
 */
export class MbapSplitter {
  readonly #carry = new Uint8Array(MAX_TCP_ADU);
  #held = 0;
  #open = true;
  #fault: BadFrameError | undefined;

  /** Bytes carried of an ADU that is not complete. */
  get pending(): number {
    return this.#held;
  }

  /**
   * Calls `each` for every ADU that `chunk` completes. Returns the fault that ended the stream, now and in every later
   * call. After `each` has returned false, or thrown, the rest is dropped and later chunks are too.
   */
  push(chunk: Uint8Array, each: EachAdu): BadFrameError | undefined {
    if (!this.#open) return this.#fault;
    this.#open = false;
    let at = 0;
    if (this.#held > 0) {
      at = this.#fill(chunk);
      if (this.#held > 0 || this.#fault !== undefined) return this.#rest(chunk, at);
      if (!each(this.#carry, 0, CHECKED + uint16(this.#carry, 4))) return undefined;
    }
    while (chunk.length - at >= CHECKED) {
      const fault = mbapFault(chunk, at);
      if (fault !== undefined) return this.#end(fault);
      const end = at + CHECKED + uint16(chunk, at + 4);
      if (end > chunk.length) break;
      if (!each(chunk, at, end)) return undefined;
      at = end;
    }
    return this.#rest(chunk, at);
  }

  /** Completes the carried ADU as far as `chunk` goes; `#held` is 0 when it is whole. Returns the offset behind it. */
  #fill(chunk: Uint8Array): number {
    let at = 0;
    while (this.#held < CHECKED && at < chunk.length) this.#carry[this.#held++] = chunk[at++]!;
    if (this.#held < CHECKED) return at;
    const fault = mbapFault(this.#carry, 0);
    if (fault !== undefined) {
      this.#end(fault);
      return at;
    }
    const missing = CHECKED + uint16(this.#carry, 4) - this.#held;
    const taken = Math.min(missing, chunk.length - at);
    this.#carry.set(chunk.subarray(at, at + taken), this.#held);
    this.#held = taken === missing ? 0 : this.#held + taken;
    return at + taken;
  }

  /** Carries what is left, which is less than one ADU, and opens the stream for the next chunk. */
  #rest(chunk: Uint8Array, at: number): BadFrameError | undefined {
    if (this.#fault !== undefined) return this.#fault;
    if (at < chunk.length) {
      this.#carry.set(chunk.subarray(at), this.#held);
      this.#held += chunk.length - at;
    }
    this.#open = true;
    return undefined;
  }

  #end(reason: string): BadFrameError {
    this.#held = 0;
    this.#fault = new BadFrameError(reason);
    return this.#fault;
  }
}
