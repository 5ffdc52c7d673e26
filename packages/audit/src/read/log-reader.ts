import { AuditError } from "../error.ts";
import { findSegment, type LineFile } from "../log/line-file.ts";
import { listSegments, type SegmentName } from "../log/names.ts";
import { seekRecord } from "./seek-record.ts";

interface Place {
  readonly lines: LineFile;
  /** Sequence number of the record that is read next. */
  next: number;
}

/** Segments that are kept open: records that are asked for together often stand in several. */
const MAX_OPEN = 8;
/** Fewer records than this are passed over by reading them, more by a jump. */
const NEAR = 64;

/**
 * Reads single records of a log by number, whatever segment they stand in. What it reads is not verified. A record is
 * found by bisecting a plain segment and by the headers of a compressed one; only segments that versions before zstd
 * compressed are read from their beginning.
 */
export class LogReader {
  readonly dir: string;
  #segments: readonly SegmentName[];
  /** By the first record; the one that was used last comes last. */
  readonly #open = new Map<number, Place>();

  /** Throws `ERR_AUDIT_NO_LOG` when the folder holds no log. */
  constructor(dir: string) {
    this.dir = dir;
    this.#segments = listSegments(dir);
    if (this.#segments.length === 0) throw new AuditError("ERR_AUDIT_NO_LOG", `${dir} holds no audit log`);
  }

  /** Number of the first record that is kept. What is missing behind it has not been removed lawfully. */
  get first(): number {
    return this.#segments[0]?.first ?? 0;
  }

  /**
   * The line of record `seq` without LF, valid until the next call; undefined when it is not there (not yet, or not
   * any more). Ascending numbers are read without going back.
   */
  line(seq: number): Buffer | undefined {
    const line = this.#find(seq);
    if (line !== undefined) return line;
    // The log may have grown, been given a new segment or been cut behind a crash since it was looked at.
    this.close();
    this.#segments = listSegments(this.dir);
    return this.#find(seq);
  }

  close(): void {
    for (const { lines } of this.#open.values()) lines.close();
    this.#open.clear();
  }

  #find(seq: number): Buffer | undefined {
    const segment = this.#segments.findLast(({ first }) => first <= seq);
    if (segment === undefined) return undefined;
    const place = this.#place(segment);
    if (place === undefined) return undefined;
    if (seq < place.next || seq - place.next > NEAR) place.next = seekRecord(place.lines, segment.first, seq);
    return readTo(place, seq);
  }

  /** Undefined when the segment has been removed meanwhile. */
  #place(segment: SegmentName): Place | undefined {
    const { first } = segment;
    const lines = this.#open.get(first)?.lines ?? findSegment(this.dir, segment);
    if (lines === undefined) return undefined;
    const place = this.#open.get(first) ?? { lines, next: first };
    this.#open.delete(first);
    this.#open.set(first, place);
    for (const [oldest, { lines }] of this.#open) {
      if (this.#open.size <= MAX_OPEN) break;
      lines.close();
      this.#open.delete(oldest);
    }
    return place;
  }
}

/** Reads on to record `seq`. */
function readTo(place: Place, seq: number): Buffer | undefined {
  for (;;) {
    const line = place.lines.next();
    if (line === undefined) return undefined;
    place.next += 1;
    if (place.next === seq + 1) return line;
  }
}
