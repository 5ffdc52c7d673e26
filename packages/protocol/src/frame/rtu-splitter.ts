import { MAX_RTU_ADU } from "../limits.ts";
import type { UserFunction } from "../pdu/define-function.ts";
import { MORE_NEEDED, pduLength, UNKNOWN, type UserFunctions } from "../pdu/length.ts";
import type { Direction } from "../pdu/refuse.ts";
import { LineCounters, type LineCounts } from "./line-counters.ts";
import type { LineSide } from "./line-side.ts";
import type { EachFrame, LineSplitter } from "./line-splitter.ts";
import { crc16, MIN_RTU_ADU } from "./rtu.ts";

/** Unit before the PDU, CRC behind it. */
const AROUND = 3;
/** A frame that is not complete, and as much again to fill up with. */
const WINDOW = 2 * MAX_RTU_ADU;

/** No frame starts here. */
const NOISE = -1;
/** What starts here may become a frame. */
const WAIT = 0;

/**
 * Splits what is heard on an RTU line into frames. The line has no borders but silence, which arrives late and blurred
 * through drivers and networks, so the lengths that the PDUs tell lead and the CRC decides; silence ends what tells no
 * length. Bytes that are no frame are skipped one by one, so that no frame behind noise is lost: at most 256 bytes are
 * held, and each byte is summed at most a few hundred times whatever arrives. Skipped bytes that are a request of a wrong
 * length are delivered as one when silence has shown that nothing else was there. Serial Line V1.02 § 2.5.1
 */
export class RtuSplitter implements LineSplitter {
  readonly #counters = new LineCounters(MAX_RTU_ADU);
  readonly #side: LineSide;
  readonly #functions: UserFunctions;
  readonly #window = new Uint8Array(WINDOW);
  #start = 0;
  #end = 0;
  /** How many bytes were there when the frame at `#start` was last tried: what was complete then is not summed again. */
  #tried = 0;
  #direction: Direction = "request";
  /** What was skipped since the last silence, in case that all of it is one frame; so many bytes of it. */
  readonly #stretch = new Uint8Array(MAX_RTU_ADU);
  #skipped = 0;
  #open = true;
  /** Counts resets, so that one from inside `each` also drops what the current chunk still holds. */
  #epoch = 0;

  /** `functions`: what vendors' function codes mean here, for those that tell their length. */
  constructor(side: LineSide, functions: readonly UserFunction<unknown, unknown>[] = []) {
    this.#side = side;
    this.#functions = new Map(functions.map((one) => [one.functionCode, one]));
  }

  get counters(): LineCounts {
    return this.#counters;
  }

  get pending(): number {
    return this.#end - this.#start;
  }

  push(chunk: Uint8Array, each: EachFrame): void {
    if (!this.#open) return;
    this.#open = false;
    const epoch = this.#epoch;
    for (let at = 0; at < chunk.length; ) {
      const taken = Math.min(WINDOW - this.#end, chunk.length - at);
      this.#window.set(chunk.subarray(at, at + taken), this.#end);
      this.#end += taken;
      at += taken;
      if (!this.#scan(each, false)) return;
      if (epoch !== this.#epoch) break;
      this.#window.copyWithin(0, this.#start, this.#end);
      this.#end -= this.#start;
      this.#start = 0;
    }
    this.#open = true;
  }

  /**
   * The line was quiet for three and a half characters: what is held ends here. A frame that tells no length, or a wrong
   * one, is a frame if its CRC fits; all else is noise.
   */
  silence(each: EachFrame): void {
    if (!this.#open) return;
    this.#open = false;
    if (this.#takeStretch()) {
      if (!this.#deliver(this.pending, each)) return;
    } else if (!this.#scan(each, true)) {
      return;
    }
    this.#skipped = 0;
    this.#counters.endStretch();
    this.#open = true;
  }

  reset(): void {
    this.#skipped = 0;
    this.#counters.skip(this.pending);
    this.#counters.endStretch();
    this.#start = 0;
    this.#end = 0;
    this.#tried = 0;
    this.#epoch++;
    this.#open = true;
    this.#side.reset();
  }

  /** False: stopped. */
  #scan(each: EachFrame, quiet: boolean): boolean {
    const epoch = this.#epoch;
    while (this.#end - this.#start >= MIN_RTU_ADU) {
      const length = this.#frame(this.#end - this.#start, quiet);
      if (length === WAIT) return true;
      if (length === NOISE) this.#skip(1);
      else if (!this.#deliver(length, each)) return false;
      if (epoch !== this.#epoch) return true;
    }
    if (quiet) this.#skip(this.pending);
    return true;
  }

  #skip(bytes: number): void {
    this.#counters.skip(bytes);
    for (let index = 0; index < bytes; index++, this.#skipped++) {
      if (this.#skipped < MAX_RTU_ADU) this.#stretch[this.#skipped] = this.#window[this.#start + index]!;
    }
    this.#start += bytes;
    this.#tried = 0;
  }

  #deliver(length: number, each: EachFrame): boolean {
    const at = this.#start;
    const unit = this.#window[at]!;
    this.#start += length;
    this.#tried = 0;
    // What follows before the next silence does not begin a stretch.
    this.#skipped = WINDOW;
    this.#counters.frame();
    this.#side.heard(this.#direction, unit, this.#window[at + 1]!);
    if (each(this.#window, at + 1, at + length - 2, unit, this.#direction)) return true;
    this.#start = this.#end;
    this.#open = false;
    return false;
  }

  /**
   * A request whose length is not what it tells was skipped while it arrived. When it stood alone between two silences,
   * and its CRC fits, it is put back into the window, because a server has to answer it: that its length is wrong.
   */
  #takeStretch(): boolean {
    const skipped = this.#skipped;
    const length = skipped + this.pending;
    if (skipped === 0 || length < MIN_RTU_ADU || length > MAX_RTU_ADU) return false;
    const directions = this.#side.directions(this.#stretch[0]!, this.#stretch[1]!);
    if (directions.length !== 1 || directions[0] !== "request") return false;
    this.#stretch.set(this.#window.subarray(this.#start, this.#end), skipped);
    this.#counters.summed += length;
    const crc = this.#stretch[length - 2]! | (this.#stretch[length - 1]! << 8);
    if (crc16(this.#stretch, 0, length - 2) !== crc) return false;
    this.#window.set(this.#stretch.subarray(0, length));
    this.#start = 0;
    this.#end = length;
    this.#direction = "request";
    return true;
  }

  /** The length of the frame that starts the `available` bytes, WAIT or NOISE. Sets its direction. */
  #frame(available: number, quiet: boolean): number {
    const functionCode = this.#window[this.#start + 1]!;
    const directions = this.#side.directions(this.#window[this.#start]!, functionCode);
    const tried = this.#tried;
    this.#tried = available;
    let best = 0;
    let wait = false;
    for (const direction of directions) {
      const pdu = pduLength(direction, this.#window, this.#start + 1, this.#end, this.#functions);
      const length = (pdu === UNKNOWN ? this.#side.usualLength(functionCode) : pdu) + AROUND;
      // The CRC over a frame is 0 from its end on, so that it also fits a frame with zeros behind it: the shorter is meant.
      if (length > tried && (best === 0 || length < best) && this.#fits(length, available)) {
        best = length;
        this.#direction = direction;
      }
      if (pdu === UNKNOWN ? available <= MAX_RTU_ADU : pdu === MORE_NEEDED || length > available) wait = true;
    }
    if (best > 0) return best;
    if (!quiet) return wait ? WAIT : NOISE;
    this.#direction = directions[0] ?? "request";
    return directions.length > 0 && this.#fits(available, available) ? available : NOISE;
  }

  /** Whether `length` bytes are there and end with their CRC. */
  #fits(length: number, available: number): boolean {
    if (length < MIN_RTU_ADU || length > available || length > MAX_RTU_ADU) return false;
    const end = this.#start + length - 2;
    this.#counters.summed += length;
    return crc16(this.#window, this.#start, end) === (this.#window[end]! | (this.#window[end + 1]! << 8));
  }
}
