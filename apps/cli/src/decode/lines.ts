/** The longest frame is 513 ASCII characters, 1026 hex digits; spaces between them are allowed. */
const MAX_LINE = 8192;

/**
 * Cuts a stream of text into lines, with a bound on what it keeps: a line longer than that comes out as `undefined`,
 * and its rest is thrown away.
 */
export class LineSplitter {
  #partial = "";
  #tooLong = false;

  /** The lines that are complete with this chunk, without their ends (LF or CR LF). */
  push(chunk: string): (string | undefined)[] {
    const pieces = chunk.split("\n");
    const lines: (string | undefined)[] = [];
    for (const [index, piece] of pieces.entries()) {
      this.#add(piece);
      if (index < pieces.length - 1) lines.push(this.#take());
    }
    return lines;
  }

  /** What stands behind the last line end, if anything. */
  end(): (string | undefined)[] {
    return this.#partial === "" && !this.#tooLong ? [] : [this.#take()];
  }

  #add(piece: string): void {
    if (this.#partial.length + piece.length > MAX_LINE) {
      this.#tooLong = true;
      this.#partial = "";
    } else if (!this.#tooLong) {
      this.#partial += piece;
    }
  }

  #take(): string | undefined {
    const line = this.#tooLong ? undefined : this.#partial.replace(/\r$/, "");
    this.#partial = "";
    this.#tooLong = false;
    return line;
  }
}
