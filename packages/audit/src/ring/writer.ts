import {
  HEAD,
  PUSHED_HIGH,
  PUSHED_LOW,
  REFUSED,
  type RefusalReason,
  type RingViews,
  refusalReasons,
  ringViews,
  SIGNAL,
  TAIL,
  WAITING,
  WRAP,
} from "./layout.ts";

const TWO_32 = 2 ** 32;

/** The producer's end of a ring. One per ring; it allocates nothing per record. */
export class RingWriter {
  /** Bytes of the largest record that can ever fit. A larger one is refused, and counted as such. */
  readonly maxRecordBytes: number;
  readonly #ring: RingViews;
  #head: number;
  #tail: number;
  #pushed: number;

  constructor(buffer: SharedArrayBuffer) {
    this.#ring = ringViews(buffer);
    const { words, capacity } = this.#ring;
    // A record and the gap before it must fit into an empty ring, wherever the ring's end happens to be.
    this.maxRecordBytes = capacity / 2 - 4;
    this.#head = Atomics.load(words, HEAD);
    this.#tail = Atomics.load(words, TAIL);
    this.#pushed = (words[PUSHED_HIGH]! >>> 0) * TWO_32 + (words[PUSHED_LOW]! >>> 0);
  }

  /** Records pushed so far. The record pushed last is durable when `ringDurable(buffer)` has reached this number. */
  get pushed(): number {
    return this.#pushed;
  }

  /** False: there is no room. The refusal is counted in shared memory and ends up in the log. */
  push(bytes: Uint8Array): boolean {
    const offset = this.#reserve(bytes.length);
    if (offset < 0) return false;
    this.#ring.data.set(bytes, offset);
    this.#publish(offset, bytes.length);
    this.wake();
    return true;
  }

  /**
   * As `push`, with the UTF-8 of `text`. Waking a consumer that sleeps takes many times longer than handing a record
   * over: with `wakes` false that is left to a call of `wake`, once for several records.
   */
  pushText(text: string, wakes = true): boolean {
    const length = Buffer.byteLength(text);
    const offset = this.#reserve(length);
    if (offset < 0) return false;
    this.#ring.data.write(text, offset, length, "utf8");
    this.#publish(offset, length);
    if (wakes) this.wake();
    return true;
  }

  /** Wakes the consumer, if it sleeps: there may be something for it. */
  wake(): void {
    const { words } = this.#ring;
    // The consumer raises WAITING before it looks a last time; a wake costs only when somebody sleeps.
    if (Atomics.load(words, WAITING) === 1 && Atomics.exchange(words, WAITING, 0) === 1) {
      Atomics.add(words, SIGNAL, 1);
      Atomics.notify(words, SIGNAL);
    }
  }

  /** Counts what was not even tried: it ends up in the log like what found no room. */
  refuse(reason: RefusalReason, count = 1): void {
    Atomics.add(this.#ring.counters, REFUSED + refusalReasons.indexOf(reason), BigInt(count));
  }

  /** Offset for the bytes of a record, or -1. */
  #reserve(length: number): number {
    const { lengths, capacity } = this.#ring;
    const need = frameBytes(length);
    const offset = this.#head & (capacity - 1);
    const gap = need > capacity - offset ? capacity - offset : 0;
    if (length > this.maxRecordBytes || !this.#fits(gap + need)) {
      this.refuse(length > this.maxRecordBytes ? "size" : "room");
      return -1;
    }
    if (gap === 0) return offset + 4;
    lengths[offset >> 2] = WRAP;
    this.#head = (this.#head + gap) | 0;
    return 4;
  }

  #fits(bytes: number): boolean {
    const { words, capacity } = this.#ring;
    if (bytes <= capacity - ((this.#head - this.#tail) >>> 0)) return true;
    this.#tail = Atomics.load(words, TAIL);
    return bytes <= capacity - ((this.#head - this.#tail) >>> 0);
  }

  #publish(offset: number, length: number): void {
    const { words, lengths } = this.#ring;
    lengths[(offset - 4) >> 2] = length;
    this.#head = (this.#head + frameBytes(length)) | 0;
    this.#pushed++;
    words[PUSHED_LOW] = this.#pushed | 0;
    words[PUSHED_HIGH] = Math.floor(this.#pushed / TWO_32);
    Atomics.store(words, HEAD, this.#head);
  }
}

/** Bytes a record takes in the ring. */
export function frameBytes(length: number): number {
  return 4 + ((length + 3) & ~3);
}
