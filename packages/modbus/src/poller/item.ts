import { decodeValue, ExceptionResponseError, ModbusError, type ModbusErrorCode } from "@modwarden/protocol";
import type { Stretch } from "./plan.ts";
import { countOf, isBits, isRange, type PollPoint, type PollRange, type PollValue } from "./point.ts";

/**
 * `good`: read within the last two and a half periods. `uncertain`: not read yet, or longer ago than that. `bad`: the
 * last attempt failed.
 */
export type Quality = "good" | "uncertain" | "bad";

/**
 * What is known of a point. Value, quality and age are independent: a failure changes the quality and lets the value
 * stand with its age, so it never looks like a value of its own.
 */
export interface Reading {
  readonly id: string;
  /** The last value that was read; undefined until there is one. */
  readonly value: PollValue | undefined;
  readonly quality: Quality;
  /** Why it is not good: the error's code, `pending` before the first attempt, `stale` when it is too old. */
  readonly reason: ModbusErrorCode | "pending" | "stale" | undefined;
  /** The exception's code when `reason` is `ERR_MODBUS_EXCEPTION`. */
  readonly exception: number | undefined;
  /** Milliseconds since the value was read; undefined without a value. */
  readonly ageMs: number | undefined;
}

/** The part of a point or range that one read brings. */
export interface Span extends Stretch {
  readonly item: Item;
}

interface SpanState {
  readAt: number | undefined;
  error: ModbusError | undefined;
}

/** Two missed reads are told apart from jitter. */
const stalePeriods = 2.5;

/** A point or range with its last value. */
export class Item {
  readonly place: PollPoint | PollRange;
  readonly spans: readonly Span[];
  readonly #staleMs: number;
  readonly #words: Uint16Array;
  readonly #states = new Map<Span, SpanState>();
  #value: PollValue | undefined;

  /** `maxLength` addresses are the most that one read takes; only a range may have more. */
  constructor(place: PollPoint | PollRange, everyMs: number, maxLength: number) {
    this.place = place;
    this.#staleMs = stalePeriods * everyMs;
    const count = countOf(place);
    const step = isRange(place) ? maxLength : count;
    this.#words = new Uint16Array(count);
    const spans: Span[] = [];
    for (let at = 0; at < count; at += step) {
      spans.push({ item: this, address: place.address + at, count: Math.min(step, count - at) });
    }
    this.spans = spans;
    for (const span of spans) this.#states.set(span, { readAt: undefined, error: undefined });
  }

  /** Takes the words of a span, the first of which stands at `at`. */
  store(span: Span, words: ArrayLike<number | boolean>, at: number, now: number): void {
    const state = this.#states.get(span)!;
    const offset = span.address - this.place.address;
    for (let index = 0; index < span.count; index++) this.#words[offset + index] = Number(words[at + index]);
    try {
      this.#value = this.#decode();
      state.readAt = now;
      state.error = undefined;
    } catch (error) {
      if (!(error instanceof ModbusError)) throw error;
      state.error = error;
    }
  }

  fail(span: Span, error: ModbusError): void {
    this.#states.get(span)!.error = error;
  }

  reading(now: number): Reading {
    let readAt = Number.POSITIVE_INFINITY;
    let error: ModbusError | undefined;
    for (const state of this.#states.values()) {
      readAt = Math.min(readAt, state.readAt ?? Number.NEGATIVE_INFINITY);
      error ??= state.error;
    }
    const known = readAt !== Number.NEGATIVE_INFINITY;
    const ageMs = known ? Math.max(0, now - readAt) : undefined;
    const reason = error?.code ?? (ageMs === undefined ? "pending" : ageMs > this.#staleMs ? "stale" : undefined);
    return {
      id: this.place.id,
      value: known ? copied(this.#value) : undefined,
      quality: error !== undefined ? "bad" : reason === undefined ? "good" : "uncertain",
      reason,
      exception: error instanceof ExceptionResponseError ? error.exception : undefined,
      ageMs,
    };
  }

  #decode(): PollValue {
    const { place } = this;
    if (isRange(place)) return isBits(place.table) ? Array.from(this.#words, Boolean) : this.#words.slice();
    if (isBits(place.table)) return this.#words[0] !== 0;
    const value = decodeValue(place.type ?? "u16", place.order ?? "ABCD", this.#words, 0, place.length);
    // A digit above 9 is no number, and shown as NaN it would look like one that a device has measured.
    if (place.type !== "bcd" || !Number.isNaN(value)) return value;
    throw new ModbusError("ERR_MODBUS_BAD_RESPONSE", `the registers of ${JSON.stringify(place.id)} hold no BCD number`);
  }
}

/** A reading is its reader's own. */
function copied(value: PollValue | undefined): PollValue | undefined {
  return typeof value === "object" ? value.slice() : value;
}
