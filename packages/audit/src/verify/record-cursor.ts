import { LeafReader } from "../log/leaf-reader.ts";
import { findSegment, type LineFile, otherForms } from "../log/line-file.ts";
import { type SegmentName, segmentBase } from "../log/names.ts";
import { parseRecord } from "../record/record.ts";

/** Walks all records of a log in order, across its segments, with the leaf hash that is stored beside each. */
export class RecordCursor {
  readonly #dir: string;
  readonly #segments: readonly SegmentName[];
  #index = -1;
  #first = 0;
  #lines: LineFile | undefined;
  /** Other forms of a segment that are there too: who reads one of them instead must read the same. */
  #twins: readonly LineFile[] = [];
  #leaves: LeafReader | undefined;
  #seq: number;
  #fault: string | undefined;
  #leafFault: string | undefined;

  /** `start`: sequence number that the first of `segments` has to begin with. */
  constructor(dir: string, segments: readonly SegmentName[], start = 0) {
    this.#dir = dir;
    this.#segments = segments;
    this.#seq = start;
  }

  /** Sequence number of the record that `next` returns. */
  get seq(): number {
    return this.#seq;
  }

  /** Why there is no next record, when it is not simply the end. */
  get fault(): string | undefined {
    return this.#fault;
  }

  /** What is wrong with a file of leaf hashes as such: it has not one hash for each record of a sealed segment. */
  get leafFault(): string | undefined {
    return this.#leafFault;
  }

  /** Name of the segment at hand, or of the one that should follow. */
  get segment(): string {
    return this.#lines?.file ?? `${segmentBase(this.#seq)}.jsonl`;
  }

  /** There is a file of leaf hashes for the segment at hand. */
  get hasLeaves(): boolean {
    return this.#leaves?.bytes !== undefined;
  }

  /** The next record's line without LF, valid until the next call. Undefined at the end and at a fault. */
  next(): Buffer | undefined {
    while (this.#fault === undefined) {
      const line = this.#lines?.next();
      if (this.#twins.some((twin) => differs(line, twin))) {
        this.#fault = "its compressed form does not hold the same";
        return undefined;
      }
      if (line !== undefined) {
        this.#seq++;
        return line;
      }
      this.#fault = this.#endFault();
      if (this.#fault !== undefined || this.#index === this.#segments.length - 1) return undefined;
      this.#open();
    }
    return undefined;
  }

  /** What is stored as the leaf hash of the record returned last, held against what it is. */
  storedLeaf(leaf: Uint8Array): "same" | "another" | "none" {
    const index = this.#seq - 1 - this.#first;
    if (this.#leaves?.is(index, leaf) === true) return "same";
    return this.#leaves?.at(index) === undefined ? "none" : "another";
  }

  close(): void {
    this.#lines?.close();
    for (const twin of this.#twins) twin.close();
    this.#leaves?.close();
  }

  /** What is wrong with the end of the segment at hand. The newest may end in a line that is just being written. */
  #endFault(): string | undefined {
    if (this.#lines === undefined) return undefined;
    if (this.#lines.damage !== undefined) return this.#lines.damage;
    const rest = this.#lines.unfinished;
    const newest = this.#index === this.#segments.length - 1;
    if (!newest && rest.length > 0) return "the segment ends in an unfinished line";
    if (newest && this.#leaves?.at(this.#seq - this.#first) !== undefined)
      return "its leaf hash is here, but it is not";
    const whole = rest.length > 1 && typeof parseRecord(rest.subarray(0, -1), this.#seq) !== "string";
    return whole ? "the line does not end in LF" : undefined;
  }

  #open(): void {
    const sealed = this.#leaves?.bytes;
    if (sealed !== undefined && sealed !== (this.#seq - this.#first) * 32) {
      this.#leafFault ??= `${segmentBase(this.#first)}.leaves has not one hash for each record`;
    }
    this.close();
    this.#lines = undefined;
    this.#twins = [];
    this.#leaves = undefined;
    const segment = this.#segments[++this.#index]!;
    if (segment.first !== this.#seq) {
      this.#fault = `the next segment begins with record ${segment.first}`;
      return;
    }
    this.#first = segment.first;
    // Leaves first: the log writes them last, so there are never more of them than records.
    this.#leaves = new LeafReader(this.#dir, segment.first);
    this.#lines = findSegment(this.#dir, segment);
    if (this.#lines === undefined) this.#fault = "its segment is no file that can be read";
    else this.#twins = otherForms(this.#dir, segment, this.#lines.file);
  }
}

/** Takes the next line of another form of the segment; at the end nothing may follow there either. */
function differs(line: Buffer | undefined, twin: LineFile): boolean {
  const other = twin.next();
  if (line === undefined || other === undefined) {
    return line !== other || twin.damage !== undefined || twin.unfinished.length > 0;
  }
  return !line.equals(other);
}
