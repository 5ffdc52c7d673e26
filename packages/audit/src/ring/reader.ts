import { AuditError } from "../error.ts";
import {
  DURABLE,
  HEAD,
  NEWS,
  REFUSED,
  type RefusalReason,
  type RingState,
  type RingViews,
  refusalReasons,
  ringStates,
  ringViews,
  SIGNAL,
  STATE,
  TAIL,
  WAITING,
  WRAP,
} from "./layout.ts";
import { frameBytes } from "./writer.ts";

/** The consumer's end of a ring. One per ring. */
export class RingReader {
  readonly #ring: RingViews;
  #tail: number;
  #drained = 0;
  #armed = false;

  constructor(buffer: SharedArrayBuffer) {
    this.#ring = ringViews(buffer);
    this.#tail = Atomics.load(this.#ring.words, TAIL);
    this.#drained = Number(Atomics.load(this.#ring.counters, DURABLE));
  }

  /** Records taken so far. */
  get drained(): number {
    return this.#drained;
  }

  get empty(): boolean {
    return Atomics.load(this.#ring.words, HEAD) === this.#tail;
  }

  /** How much was refused so far for this reason. */
  refused(reason: RefusalReason): number {
    return Number(Atomics.load(this.#ring.counters, REFUSED + refusalReasons.indexOf(reason)));
  }

  /**
   * Hands over at most `maxRecords`; the bytes are valid during the call only. `each` returns false to stop behind this
   * record. Returns how many there were.
   */
  drain(each: (bytes: Uint8Array) => unknown, maxRecords: number): number {
    const { words, data, lengths, capacity } = this.#ring;
    const head = Atomics.load(words, HEAD);
    let taken = 0;
    try {
      while (taken < maxRecords && this.#tail !== head) {
        let offset = this.#tail & (capacity - 1);
        if (lengths[offset >> 2] === WRAP) {
          this.#tail = (this.#tail + capacity - offset) | 0;
          offset = 0;
        }
        const length = lengths[offset >> 2]!;
        const frame = frameBytes(length);
        if (length < 0 || frame > capacity - offset || frame > (head - this.#tail) >>> 0) {
          throw new AuditError("ERR_AUDIT_RING", `a ring holds a record of impossible length ${length}`);
        }
        this.#tail = (this.#tail + frame) | 0;
        this.#drained++;
        taken++;
        if (each(data.subarray(offset + 4, offset + 4 + length)) === false) break;
      }
    } finally {
      Atomics.store(words, TAIL, this.#tail);
    }
    return taken;
  }

  /** Says that the first `count` records of this ring are durable, and wakes who waits for that. */
  publishDurable(count: number): void {
    const { counters } = this.#ring;
    if (Number(Atomics.load(counters, DURABLE)) === count) return;
    Atomics.store(counters, DURABLE, BigInt(count));
    this.#tell();
  }

  /** Says how the recorder is; who waits is woken to see it. */
  publishState(state: RingState): void {
    const index = ringStates.indexOf(state);
    if (Atomics.exchange(this.#ring.words, STATE, index) !== index) this.#tell();
  }

  #tell(): void {
    Atomics.add(this.#ring.words, NEWS, 1);
    Atomics.notify(this.#ring.words, NEWS);
  }

  /**
   * Has `wake` called once when records may have come. False when there are some now, and it will not be called. An
   * armed ring stays so until it wakes: arming it again costs nothing.
   */
  arm(wake: () => void): boolean {
    if (!this.empty) return false;
    if (this.#armed) return true;
    const { words } = this.#ring;
    Atomics.store(words, WAITING, 1);
    const seen = Atomics.load(words, SIGNAL);
    const wait = this.empty ? Atomics.waitAsync(words, SIGNAL, seen) : undefined;
    if (wait?.async !== true) return false;
    this.#armed = true;
    void wait.value.then(() => {
      this.#armed = false;
      wake();
    });
    return true;
  }

  /** Blocks this thread until records may have come, at most `timeoutMs`. Not for a thread that has other work. */
  waitPushed(timeoutMs: number): void {
    const { words } = this.#ring;
    Atomics.store(words, WAITING, 1);
    const seen = Atomics.load(words, SIGNAL);
    if (this.empty) Atomics.wait(words, SIGNAL, seen, timeoutMs);
  }
}
