import { setTimeout as delay } from "node:timers/promises";
import { AuditError, systemCode } from "../error.ts";
import { type LineFile, openSegment } from "../log/line-file.ts";
import { listSegments } from "../log/names.ts";
import { parseRecord } from "../record/record.ts";

export interface TailOptions {
  readonly dir: string;
  /** Go on as records are written, until `signal`. */
  readonly follow?: boolean;
  /** Begin with this record. */
  readonly fromSeq?: number;
  /** Begin so many records before the end. Default 10, unless `fromSeq` is given. */
  readonly last?: number;
  readonly signal?: AbortSignal;
  /** Between looks for new records. Default 100. */
  readonly pollMs?: number;
}

/**
 * The lines of a log, without LF and not verified, from a place near its end; with `follow` it goes on across segments
 * until the signal. It looks for growth by the clock, for file events are not reliable on every file system.
 */
export async function* tailLog(options: TailOptions): AsyncGenerator<string, void, void> {
  const { dir, signal, follow = false, pollMs = 100 } = options;
  const wanted = options.fromSeq ?? Math.max(0, countRecords(dir) - (options.last ?? 10));
  let place = openAt(dir, wanted);
  // The log's beginning may not be kept any longer.
  let seq = Math.max(wanted, place.first);
  try {
    while (!signal?.aborted) {
      let line = nextLine(place.lines);
      if (line !== undefined && !isRecord(line, seq)) {
        // A start that cut a torn tail off leaves other bytes where the tail was.
        place.lines.close();
        place = openAt(dir, seq);
        line = nextLine(place.lines);
        if (line !== undefined && !isRecord(line, seq)) throw damaged(place.lines, `it has no record ${seq}`);
      }
      if (line !== undefined) {
        seq++;
        yield line.toString("utf8");
      } else if (place.lines.damage !== undefined) {
        throw damaged(place.lines, place.lines.damage);
      } else if (listSegments(dir).some(({ first }) => first > place.first && first <= seq)) {
        place.lines.close();
        place = openAt(dir, seq);
      } else if (!follow || !(await pause(pollMs, signal))) return;
    }
  } finally {
    place.lines.close();
  }
}

/** Whole records that are there now; reads only the newest segment. */
export function countRecords(dir: string): number {
  const { first, lines } = openAt(dir, Number.POSITIVE_INFINITY);
  let count = first;
  while (lines.next() !== undefined) count++;
  lines.close();
  return count;
}

interface Place {
  readonly first: number;
  readonly lines: LineFile;
}

/** The segment that holds record `seq`, read up to there. */
function openAt(dir: string, seq: number): Place {
  const segments = listSegments(dir);
  const segment = segments.findLast(({ first }) => first <= seq) ?? segments[0];
  if (segment === undefined) throw new AuditError("ERR_AUDIT_NO_LOG", `${dir} holds no audit log`);
  const { first } = segment;
  const lines = openSegment(dir, segment);
  if (Number.isFinite(seq)) for (let at = first; at < seq && lines.next() !== undefined; ) at++;
  return { first, lines };
}

function nextLine(lines: LineFile): Buffer | undefined {
  const line = lines.next();
  if (line !== undefined) return line;
  lines.grow();
  return lines.next();
}

/** A whole record: the beginning of a torn line may have been completed by another one's end. */
function isRecord(line: Buffer, seq: number): boolean {
  return typeof parseRecord(line, seq) !== "string";
}

function damaged(lines: LineFile, reason: string): AuditError {
  return new AuditError("ERR_AUDIT_TAMPERED", `${lines.file} cannot be read on: ${reason}; run a verification`);
}

/** False when the signal came. */
async function pause(ms: number, signal: AbortSignal | undefined): Promise<boolean> {
  try {
    await delay(ms, undefined, signal === undefined ? {} : { signal });
    return true;
  } catch (error) {
    if (systemCode(error) === "ABORT_ERR") return false;
    throw error;
  }
}
