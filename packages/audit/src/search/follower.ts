import { AuditError } from "../error.ts";
import { type LineFile, openSegment } from "../log/line-file.ts";
import { listSegments, type SegmentName } from "../log/names.ts";
import { seekRecord } from "../read/seek-record.ts";

/**
 * The lines of a log from a place on, across segments, and further when it has grown. Where lines are missing, because
 * their segment was removed or cannot be read to its end, it goes on with the next segment.
 */
export class Follower {
  readonly #dir: string;
  #segment: SegmentName | undefined;
  #lines: LineFile | undefined;
  #seq: number;

  /** `seq`: the number of the line that is wanted first. */
  constructor(dir: string, seq: number) {
    this.#dir = dir;
    this.#seq = seq;
  }

  /** The next line, without LF and valid until the next call, with its number; undefined at the end as it is now. */
  next(): { readonly seq: number; readonly line: Buffer } | undefined {
    for (;;) {
      let line = this.#lines?.next() ?? this.#grown();
      if (line === undefined) {
        const segment = this.#following();
        if (segment === undefined) return undefined;
        // Nothing comes after the next segment is there, but something may have come just before.
        line = this.#grown();
        if (line === undefined) {
          this.#open(segment);
          continue;
        }
      }
      const seq = this.#seq;
      this.#seq += 1;
      return { seq, line };
    }
  }

  close(): void {
    this.#lines?.close();
    this.#lines = undefined;
  }

  #grown(): Buffer | undefined {
    if (this.#lines === undefined || this.#lines.damage !== undefined) return undefined;
    this.#lines.grow();
    return this.#lines.next();
  }

  /** The segment that holds the next line, or the first one behind it. */
  #following(): SegmentName | undefined {
    const segments = listSegments(this.#dir);
    if (segments.length === 0) throw new AuditError("ERR_AUDIT_NO_LOG", `${this.#dir} holds no audit log`);
    const open = this.#segment;
    if (open !== undefined) return segments.find(({ first }) => first > open.first);
    return segments.findLast(({ first }) => first <= this.#seq) ?? segments[0];
  }

  #open(segment: SegmentName): void {
    this.close();
    this.#segment = segment;
    const lines = openSegment(this.#dir, segment);
    this.#lines = lines;
    if (segment.first < this.#seq) {
      for (let at = seekRecord(lines, segment.first, this.#seq); at < this.#seq && lines.next() !== undefined; ) at++;
    }
    this.#seq = Math.max(this.#seq, segment.first);
  }
}
