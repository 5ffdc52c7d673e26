import { readSync } from "node:fs";
import type { Packing } from "./packing.ts";

interface Piece {
  /** Byte of the file where it begins. */
  readonly position: number;
  /** Number of its first line in the file, from 0. */
  readonly firstLine: number;
}

/** So many are remembered; a segment of 64 MiB has 512. */
const MAX_PIECES = 65_536;

/** Where the pieces of a compressed segment begin, learned from their headers and remembered. */
export class PieceIndex {
  readonly #fd: number;
  readonly #end: number;
  readonly #packing: Packing | undefined;
  readonly #pieces: Piece[] = [{ position: 0, firstLine: 0 }];
  #complete = false;

  constructor(fd: number, end: number, packing: Packing | undefined) {
    this.#fd = fd;
    this.#end = end;
    this.#packing = packing;
  }

  /** The last piece that begins with line `index` or before it, as far as pieces say how many lines they hold. */
  find(index: number): Piece {
    while (!this.#complete && this.#pieces.at(-1)!.firstLine <= index) this.#learn();
    return this.#pieces.findLast(({ firstLine }) => firstLine <= index)!;
  }

  #learn(): void {
    const last = this.#pieces.at(-1)!;
    const header = Buffer.alloc(this.#packing?.headerBytes ?? 0);
    const got = readSync(this.#fd, header, 0, header.length, last.position);
    const size = this.#packing?.measure(header.subarray(0, got));
    const next = last.position + (size?.bytes ?? this.#end);
    if (size?.lines === undefined || next >= this.#end || this.#pieces.length === MAX_PIECES) this.#complete = true;
    else this.#pieces.push({ position: next, firstLine: last.firstLine + size.lines });
  }
}
