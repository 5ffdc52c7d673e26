import { LogReader } from "../read/log-reader.ts";
import { type AuditRecord, parseRecord } from "../record/record.ts";
import type { AuditIndex } from "./audit-index.ts";
import type { SearchRange } from "./index-reader.ts";
import { matches, needsRecord, type SearchQuery } from "./query.ts";

export interface SearchOptions extends SearchRange {
  /** Rows at most. */
  readonly limit: number;
  /** Records read at most, where the text of many has to be looked at. Default 50,000. */
  readonly mostRead?: number;
}

export interface FoundRecord {
  readonly seq: number;
  /** The record as it stands in the log, without LF. */
  readonly line: string;
  readonly record: AuditRecord;
}

export interface SearchPage {
  readonly found: readonly FoundRecord[];
  /** What has to be changed in the range to go on from here; undefined when that was all. */
  readonly next: Pick<SearchRange, "fromSeq" | "beforeSeq"> | undefined;
  /** Records that would be here, but are not what the log has written. */
  readonly damaged: readonly number[];
}

/** Records that are read in one go, in their order. */
const MOST_AT_ONCE = 512;

/** What is found in the log as far as the index knows it, read from the log itself and looked at once more. */
export function search(index: AuditIndex, query: SearchQuery, options: SearchOptions): SearchPage {
  return index.reading((reader) => {
    const { newestFirst, limit, mostRead = 50_000 } = options;
    const found: FoundRecord[] = [];
    const damaged: number[] = [];
    let batch: number[] = [];
    let left = mostRead;
    const read = (): void => {
      for (const seq of found.length < limit ? readBatch(index, query, batch, newestFirst) : []) {
        if (typeof seq === "number") damaged.push(seq);
        else found.push(seq);
      }
      batch = [];
    };
    const after = (seq: number): SearchPage["next"] => (newestFirst ? { beforeSeq: seq } : { fromSeq: seq + 1 });
    for (const seq of reader.find(query, options)) {
      batch.push(seq);
      left -= 1;
      const wanted = needsRecord(query) ? MOST_AT_ONCE : Math.min(MOST_AT_ONCE, limit - found.length);
      if (batch.length < wanted && left > 0) continue;
      read();
      if (found.length >= limit) {
        const shown = found.slice(0, limit);
        return { found: shown, next: after(shown.at(-1)?.seq ?? seq), damaged };
      }
      if (left <= 0) return { found, next: after(seq), damaged };
    }
    read();
    const shown = found.slice(0, limit);
    return { found: shown, next: shown.length < found.length ? after(shown.at(-1)!.seq) : undefined, damaged };
  });
}

/** How many records are found. From the index alone where it can tell. */
export function countFound(index: AuditIndex, query: SearchQuery): number {
  if (!needsRecord(query)) return index.reading((reader) => reader.count(query, { newestFirst: false }));
  let count = 0;
  let range: SearchPage["next"] = {};
  while (range !== undefined) {
    const page: SearchPage = search(index, query, { newestFirst: false, limit: MOST_AT_ONCE, ...range });
    count += page.found.length;
    range = page.next;
  }
  return count;
}

/** Reads records by ascending number, which is quickest, and gives those that fit in the order that is wanted. */
function readBatch(
  index: AuditIndex,
  query: SearchQuery,
  batch: readonly number[],
  newestFirst: boolean,
): readonly (FoundRecord | number)[] {
  const read: (FoundRecord | number)[] = [];
  const log = new LogReader(index.dir);
  try {
    for (const seq of batch.toSorted((one, other) => one - other)) {
      const line = log.line(seq);
      if (line === undefined) {
        // Removed with its segment; else it is missing.
        if (seq >= log.first) read.push(seq);
        continue;
      }
      const record = parseRecord(line, seq);
      if (typeof record === "string") read.push(seq);
      else if (matches(query, record, line)) read.push({ seq, line: line.toString("utf8"), record });
    }
  } finally {
    log.close();
  }
  return newestFirst ? read.reverse() : read;
}
