import { MAX_ASCII_FRAME, MAX_PDU } from "../limits.ts";
import { COLON, CR, hexDigit, LF } from "./ascii.ts";
import { LineCounters, type LineCounts } from "./line-counters.ts";
import type { LineSide } from "./line-side.ts";
import type { EachFrame, LineSplitter } from "./line-splitter.ts";
import { sum8 } from "./sums.ts";

/** Unit, PDU and LRC. */
const MAX_BYTES = MAX_PDU + 2;
/** Unit, function code and LRC. */
const MIN_BYTES = 3;

/** No frame is open; a colon opens one. */
const IDLE = -2;
/** The carriage return was there; only the delimiter may follow. */
const ENDING = -1;

/**
 * Splits what is heard on a line in ASCII mode into frames: a colon starts one whatever was before, hex digits follow,
 * carriage return and delimiter end it. Anything else, a wrong LRC, or more characters than a frame can have drops it,
 * and all is ignored up to the next colon. Serial Line V1.02 § 2.5.2
 */
export class AsciiSplitter implements LineSplitter {
  /** The last character of a frame, which diagnostics can change. MODBUS Application Protocol V1.1b3 § 6.8.1 */
  delimiter: number = LF;
  readonly #counters = new LineCounters(MAX_ASCII_FRAME);
  readonly #side: LineSide;
  readonly #bytes = new Uint8Array(MAX_BYTES);
  /** Hex digits of the open frame. */
  #digits = 0;
  /** The high half of a byte whose low half is missing, or what is expected instead of digits. */
  #state = IDLE;
  #open = true;
  #epoch = 0;

  constructor(side: LineSide) {
    this.#side = side;
  }

  get counters(): LineCounts {
    return this.#counters;
  }

  /** Characters of the open frame. */
  get pending(): number {
    if (this.#state === IDLE) return 0;
    return 1 + this.#digits + (this.#state === ENDING ? 1 : 0);
  }

  push(chunk: Uint8Array, each: EachFrame): void {
    if (!this.#open) return;
    this.#open = false;
    const epoch = this.#epoch;
    for (let at = 0; at < chunk.length; at++) {
      if (!this.#take(chunk[at]!, each)) {
        this.#open = false;
        return;
      }
      if (epoch !== this.#epoch) break;
    }
    this.#open = true;
  }

  silence(): void {
    this.#drop(0);
  }

  reset(): void {
    this.silence();
    this.#epoch++;
    this.#open = true;
    this.#side.reset();
  }

  /** False: stopped. */
  #take(character: number, each: EachFrame): boolean {
    if (this.#state === ENDING && character === this.delimiter) return this.#finish(each);
    if (character === COLON) {
      this.#drop(0);
      this.#state = 0;
      return true;
    }
    if (this.#state === IDLE) {
      this.#counters.ignore();
      return true;
    }
    const digit = this.#state === ENDING ? -1 : hexDigit(character);
    if (digit >= 0 && this.#digits < 2 * MAX_BYTES) {
      if (this.#digits % 2 === 0) this.#state = digit;
      else this.#bytes[this.#digits >>> 1] = (this.#state << 4) | digit;
      this.#digits++;
      return true;
    }
    if (digit >= 0) this.#counters.overruns++;
    if (character === CR && this.#state !== ENDING) this.#state = ENDING;
    else this.#drop(1);
    return true;
  }

  /** Gives up the open frame, with so many characters that are no part of it. */
  #drop(more: number): void {
    this.#counters.skip(this.pending + more);
    this.#counters.endStretch();
    this.#state = IDLE;
    this.#digits = 0;
  }

  #finish(each: EachFrame): boolean {
    const length = this.#digits >>> 1;
    const whole = this.#digits % 2 === 0 && length >= MIN_BYTES;
    this.#counters.summed += length;
    const fits = whole && sum8(this.#bytes, 0, length) === 0;
    const unit = this.#bytes[0]!;
    const direction = fits ? this.#side.directions(unit, this.#bytes[1]!)[0] : undefined;
    if (direction === undefined) {
      this.#drop(1);
      return true;
    }
    this.#state = IDLE;
    this.#digits = 0;
    this.#counters.frame();
    this.#side.heard(direction, unit, this.#bytes[1]!);
    return each(this.#bytes, 1, length - 1, unit, direction);
  }
}
