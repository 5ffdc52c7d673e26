import { type BadFrameError, MbapSplitter } from "@modwarden/protocol";

type EachAdu = (bytes: Uint8Array, start: number, end: number) => boolean;

/** MBAP header and a function code: n bytes never complete more than n / 8 ADUs, rounded up. */
const SMALLEST_ADU = 8;

/**
 * One client's bytes on their way to whole requests. What there is no room for is held, as it came, until there is:
 * a client's segment may hold thousands of requests, and none of them costs more than its bytes before its turn.
 */
export class Inbound {
  readonly #splitter = new MbapSplitter();
  readonly #each: EachAdu;
  readonly #count: EachAdu;
  #held: Uint8Array | undefined;
  #completed = 0;
  /** When the frame that is not complete began, or 0. */
  #partialSinceMs = 0;

  constructor(each: EachAdu) {
    this.#each = each;
    this.#count = (bytes, start, end) => {
      this.#completed += 1;
      return this.#each(bytes, start, end);
    };
  }

  /** Bytes wait for room. */
  get waiting(): boolean {
    return this.#held !== undefined;
  }

  /** Bytes of a frame that is not complete. */
  get pending(): number {
    return this.#splitter.pending;
  }

  add(chunk: Uint8Array): void {
    this.#held = this.#held === undefined ? chunk : Buffer.concat([this.#held, chunk]);
  }

  /** Completes at most `room` requests. Returns the fault that ended the stream. */
  advance(room: number, nowMs: number): BadFrameError | undefined {
    const held = this.#held;
    if (held === undefined || room <= 0) return undefined;
    const taken = Math.min(held.length, room * SMALLEST_ADU);
    this.#held = taken < held.length ? held.subarray(taken) : undefined;
    this.#completed = 0;
    const fault = this.#splitter.push(taken < held.length ? held.subarray(0, taken) : held, this.#count);
    if (this.#splitter.pending === 0) this.#partialSinceMs = 0;
    else if (this.#partialSinceMs === 0 || this.#completed > 0) this.#partialSinceMs = nowMs;
    return fault;
  }

  /** The client was not read from: the time until now is not counted against it. */
  excuse(nowMs: number): void {
    if (this.#partialSinceMs !== 0) this.#partialSinceMs = nowMs;
  }

  /** How long the frame that is not complete has taken so far; 0 when there is none. */
  partialMs(nowMs: number): number {
    return this.#partialSinceMs === 0 ? 0 : nowMs - this.#partialSinceMs;
  }
}
