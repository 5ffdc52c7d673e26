/** Small frames share one buffer of this size, so that writing one costs no allocation. */
const slabBytes = 8192;

/**
 * Collects frames to write. `reserve` gives room behind what is there, `commit` keeps what was written into it,
 * `take` hands out everything committed since the last `take`, never to be touched again.
 */
export class Slab {
  bytes: Uint8Array = new Uint8Array(0);
  #start = 0;
  /** Where the next frame goes. */
  at = 0;

  /** Bytes committed and not taken. */
  get pending(): number {
    return this.at - this.#start;
  }

  /** Makes sure that `size` bytes fit behind `at`. May replace `bytes` and `at`. */
  reserve(size: number): void {
    if (this.bytes.length - this.at >= size) return;
    const pending = this.pending;
    const next = new Uint8Array(Math.max(slabBytes, 2 * (pending + size)));
    next.set(this.bytes.subarray(this.#start, this.at));
    this.bytes = next;
    this.#start = 0;
    this.at = pending;
  }

  commit(end: number): void {
    this.at = end;
  }

  /** Where what is committed and not taken begins. */
  get start(): number {
    return this.#start;
  }

  /** The first `count` pending bytes are gone; their room is used again when nothing is left behind them. */
  drop(count: number): void {
    if (count === this.pending) this.at = this.#start;
    else this.#start += count;
  }

  take(): Uint8Array {
    const taken = this.bytes.subarray(this.#start, this.at);
    this.#start = this.at;
    return taken;
  }
}
