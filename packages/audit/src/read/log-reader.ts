import { AuditError } from "../error.ts";
import { type LineFile, openSegment } from "../log/line-file.ts";
import { listSegments, type SegmentName } from "../log/names.ts";

interface Place {
  readonly segment: SegmentName;
  readonly lines: LineFile;
  /** Sequence number of the record that is read next. */
  next: number;
}

/** Reads single records of a log by number, whatever segment they stand in. What it reads is not verified. */
export class LogReader {
  readonly dir: string;
  #segments: readonly SegmentName[];
  #open: Place | undefined;

  /** Throws `ERR_AUDIT_NO_LOG` when the folder holds no log. */
  constructor(dir: string) {
    this.dir = dir;
    this.#segments = listSegments(dir);
    if (this.#segments.length === 0) throw new AuditError("ERR_AUDIT_NO_LOG", `${dir} holds no audit log`);
  }

  /**
   * The line of record `seq` without LF, valid until the next call; undefined when it is not there (not yet, or not
   * any more). Ascending numbers are read without going back.
   */
  line(seq: number): Buffer | undefined {
    let place = this.#open;
    if (place === undefined || seq < place.next || this.#segmentOf(seq) !== place.segment) {
      place = this.#seek(seq);
      if (place === undefined) return undefined;
    }
    for (;;) {
      const line = place.lines.next();
      if (line === undefined) return undefined;
      place.next += 1;
      if (place.next === seq + 1) return line;
    }
  }

  close(): void {
    this.#open?.lines.close();
    this.#open = undefined;
  }

  #seek(seq: number): Place | undefined {
    this.close();
    this.#segments = listSegments(this.dir);
    const segment = this.#segmentOf(seq);
    if (segment === undefined) return undefined;
    this.#open = { segment, lines: openSegment(this.dir, segment), next: segment.first };
    return this.#open;
  }

  #segmentOf(seq: number): SegmentName | undefined {
    return this.#segments.findLast(({ first }) => first <= seq);
  }
}
