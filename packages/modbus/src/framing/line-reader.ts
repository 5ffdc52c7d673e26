import type { EachFrame, LineSplitter } from "@modwarden/protocol";
import type { LineTiming } from "../link/line-timing.ts";

/** Bytes of a line and the silences between them, to frames. */
export class LineReader {
  readonly splitter: LineSplitter;
  readonly #line: LineTiming;
  readonly #now: () => number;
  readonly #each: EachFrame;
  #heardMs = Number.NEGATIVE_INFINITY;
  #spoilt = false;

  constructor(splitter: LineSplitter, line: LineTiming, now: () => number, each: EachFrame) {
    this.splitter = splitter;
    this.#line = line;
    this.#now = now;
    this.#each = each;
  }

  push(chunk: Uint8Array): void {
    const now = this.#now();
    const quietMs = now - this.#heardMs;
    this.#heardMs = now;
    const { gapMs, insideMs, silenceMs } = this.#line;
    if (quietMs >= gapMs) this.splitter.silence(this.#each);
    // A frame with a hole in it is no frame, up to the silence behind it. Serial Line V1.02 § 2.5.1.1
    if (quietMs >= silenceMs) {
      this.#spoilt = false;
    } else if (quietMs > insideMs && this.splitter.pending > 0) {
      this.#spoilt = true;
      this.splitter.reset();
    }
    if (!this.#spoilt) this.splitter.push(chunk, this.#each);
  }

  /** When silence ends what is held; infinite when nothing is. */
  get due(): number {
    return this.splitter.pending === 0 ? Number.POSITIVE_INFINITY : this.#heardMs + this.#line.gapMs;
  }

  expire(): void {
    if (this.#now() >= this.due) this.splitter.silence(this.#each);
  }
}
