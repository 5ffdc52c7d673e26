import { AuditError } from "../error.ts";

/*
 * A ring is one block of shared memory: control words, then the data. One thread writes records into it, one thread
 * reads them. Positions run freely as 32-bit numbers and wrap; the capacity is a power of two, so that differences and
 * offsets stay right. Words of the two sides stand on cache lines of their own.
 *
 * A record is a 32-bit length and its bytes, padded to four; a length of -1 says "go on at the beginning".
 */

/** Index in the 32-bit view. */
const MARK = 0;
const CAPACITY = 1;
/** Producer's line. */
export const HEAD = 16;
export const PUSHED_LOW = 17;
export const PUSHED_HIGH = 18;
/** Consumer's line. */
export const TAIL = 32;
export const WAITING = 33;
export const SIGNAL = 34;
export const STATE = 35;
/** Counts what the consumer has published, so that nobody can sleep through it. */
export const NEWS = 36;
/** Index in the 64-bit view. */
export const DURABLE = 24;
/** The first of the counters of what was refused, one for each reason. */
export const REFUSED = 32;

export const HEADER_BYTES = 320;
export const WRAP = -1;

const RING_MARK = 0x4d575231;
const SMALLEST = 4096;
const LARGEST = 1 << 30;

/** What the producer must know about the recorder: it works, it is stuck (disk full) and tries on, it has ended. */
export type RingState = "working" | "stuck" | "failed" | "stopped";
export const ringStates: readonly RingState[] = ["working", "stuck", "failed", "stopped"];

/**
 * Why something that should be on record is not: there was no `room` for it, what room there was is kept for outcomes
 * of writes (`reserve`), its record would have been too long (`size`), or it was a change of a value that could not be
 * followed (`state`).
 */
export type RefusalReason = "room" | "reserve" | "size" | "state";
export const refusalReasons: readonly RefusalReason[] = ["room", "reserve", "size", "state"];

/** Shared memory for one ring. The capacity in bytes is rounded up to a power of two between 4 KiB and 1 GiB. */
export function createRing(capacityBytes: number): SharedArrayBuffer {
  let capacity = SMALLEST;
  while (capacity < capacityBytes && capacity < LARGEST) capacity *= 2;
  const buffer = new SharedArrayBuffer(HEADER_BYTES + capacity);
  const words = new Int32Array(buffer);
  words[CAPACITY] = capacity;
  Atomics.store(words, MARK, RING_MARK);
  return buffer;
}

export interface RingViews {
  readonly words: Int32Array<SharedArrayBuffer>;
  readonly counters: BigInt64Array<SharedArrayBuffer>;
  readonly data: Buffer;
  readonly lengths: Int32Array<SharedArrayBuffer>;
  readonly capacity: number;
}

export function ringViews(buffer: SharedArrayBuffer): RingViews {
  const words = new Int32Array(buffer, 0, HEADER_BYTES / 4);
  const capacity = words[CAPACITY] ?? 0;
  if (Atomics.load(words, MARK) !== RING_MARK || capacity !== buffer.byteLength - HEADER_BYTES) {
    throw new AuditError("ERR_AUDIT_RING", "the shared memory is no ring of this version");
  }
  return {
    words,
    counters: new BigInt64Array(buffer, 0, HEADER_BYTES / 8),
    data: Buffer.from(buffer as unknown as ArrayBuffer, HEADER_BYTES, capacity),
    lengths: new Int32Array(buffer, HEADER_BYTES, capacity / 4),
    capacity,
  };
}
