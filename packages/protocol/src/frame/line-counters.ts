/** What a splitter met on a serial line. The numbers only grow. */
export interface LineCounts {
  /** Frames delivered. */
  readonly frames: number;
  /** Bytes, in ASCII mode characters, that belonged to no frame. */
  readonly skipped: number;
  /**
   * Stretches of bytes between frames or silences that were no frame, mostly because their check sum does not fit: what
   * the diagnostic counter "bus communication error count" counts. MODBUS Application Protocol V1.1b3 § 6.8.1
   */
  readonly errors: number;
  /** Those of them that were longer than a frame can be. */
  readonly overruns: number;
  /** Bytes that check sums were computed over: the work done. */
  readonly summed: number;
}

export class LineCounters implements LineCounts {
  frames = 0;
  skipped = 0;
  errors = 0;
  overruns = 0;
  summed = 0;
  readonly #longest: number;
  /** Bytes of the stretch that is open. */
  #stretch = 0;

  /** `longest`: what a frame has at most. */
  constructor(longest: number) {
    this.#longest = longest;
  }

  skip(bytes: number): void {
    if (bytes === 0) return;
    this.skipped += bytes;
    if (this.#stretch === 0) this.errors++;
    if (this.#stretch <= this.#longest && this.#stretch + bytes > this.#longest) this.overruns++;
    this.#stretch += bytes;
  }

  /** A byte between frames that is no sign of a fault. */
  ignore(): void {
    this.skipped++;
  }

  frame(): void {
    this.frames++;
    this.#stretch = 0;
  }

  /** What is skipped from now on is another fault. */
  endStretch(): void {
    this.#stretch = 0;
  }
}
