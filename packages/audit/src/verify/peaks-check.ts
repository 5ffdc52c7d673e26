import type { Checkpoint } from "../log/checkpoint.ts";
import { rootIs } from "../log/leaf-repair.ts";
import type { SegmentName } from "../log/names.ts";
import { loadPeaks } from "../log/peaks-file.ts";
import { Damage } from "./result.ts";

/** Holds the peaks that are kept at the beginning of segments against the checkpoints of their sizes. */
export class PeaksCheck {
  readonly #dir: string;
  readonly #files: readonly SegmentName[];
  #next = 0;

  /** `files` listed before the checkpoints were opened: the checkpoint of each is then sure to be there. */
  constructor(dir: string, files: readonly SegmentName[]) {
    this.#dir = dir;
    this.#files = files;
  }

  /** After the records up to a checkpoint were found right. */
  at(checkpoint: Checkpoint): void {
    for (let file = this.#files[this.#next]; file !== undefined; file = this.#files[++this.#next]) {
      if (file.first > checkpoint.size) return;
      if (file.first < checkpoint.size)
        throw new Damage(file.first, `the checkpoint that ${file.file} rests on is missing`);
      const frontier = loadPeaks(this.#dir, file.first);
      if (frontier === undefined || !rootIs(frontier, checkpoint)) {
        throw new Damage(file.first, `the records hold, but the peaks kept in ${file.file} are damaged`);
      }
    }
  }

  /** Checkpoints that end before a segment whose peaks are there were cut off. */
  atEnd(covered: number): void {
    const file = this.#files[this.#next];
    if (file !== undefined)
      throw new Damage(covered, `the checkpoints went on: ${file.file} is here, but they are not`);
  }
}
