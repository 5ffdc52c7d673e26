import { ringDurable, ringState } from "@modwarden/audit";

/** A tick that came late (the machine slept) tells nothing about the recorder. */
const LONGEST_TICK_MS = 100;

/**
 * How the recorder keeps up, as seen from the line's side of the ring. The ring does not say how full it is; what was
 * pushed since the last record known to be durable is an upper bound of that.
 */
export class RecorderWatch {
  readonly #buffer: SharedArrayBuffer;
  readonly #stallMs: number;
  #pushed = 0;
  #bytes = 0;
  #durable = 0;
  #durableBytes = 0;
  #markCount = 0;
  #markBytes = 0;
  #lookedMs = 0;
  #waitedMs = 0;

  /** `stallMs`: a recorder that has taken nothing for so long does not record, whatever it says (a disk that hangs). */
  constructor(buffer: SharedArrayBuffer, stallMs: number) {
    this.#buffer = buffer;
    this.#stallMs = stallMs;
    this.#durable = ringDurable(buffer);
    this.#pushed = this.#durable;
    this.#markCount = this.#durable;
  }

  /** The log cannot take records now. */
  get failed(): boolean {
    return this.#waitedMs >= this.#stallMs || ringState(this.#buffer) !== "working";
  }

  /** How much of the ring may be taken, 0 to 1 and above. */
  get fill(): number {
    return (this.#bytes - this.#durableBytes) / this.#buffer.byteLength;
  }

  /** A record went into the ring; `count` is the ring's count with it. */
  pushed(count: number, bytes: number): void {
    this.#pushed = count;
    this.#bytes += bytes;
  }

  /** Called on the line's tick. Returns how many records are durable. */
  look(nowMs: number): number {
    const durable = ringDurable(this.#buffer);
    if (durable > this.#durable || durable >= this.#pushed) this.#waitedMs = 0;
    else this.#waitedMs += Math.min(nowMs - this.#lookedMs, LONGEST_TICK_MS);
    this.#lookedMs = nowMs;
    this.#durable = durable;
    if (durable >= this.#markCount) {
      this.#durableBytes = this.#markBytes;
      this.#markCount = this.#pushed;
      this.#markBytes = this.#bytes;
    }
    return durable;
  }
}
