import { setImmediate as turn } from "node:timers/promises";
import { type AuditRecord, compactJson, readRecords, recordMatches, type SearchQuery } from "@modwarden/audit";
import type { Context } from "../../frame/context.ts";
import type { Sink } from "./sink.ts";

export interface Wanted {
  readonly query: SearchQuery;
  /** Records from this number on are not taken: they came while it was asked. */
  readonly end: number;
}

export interface Exported {
  readonly records: number;
  /** Records that were wanted and that the format has no place for, by their kind. */
  readonly leftOut: Readonly<Record<string, number>>;
}

/** A signal, and a reader that has gone, are noticed this often. */
const TURN_EVERY = 2_000;

/** Takes what is wanted of a log to a sink, one record at a time. What it reads is not verified, but damage ends it. */
export async function exportRecords(context: Context, dir: string, wanted: Wanted, sink: Sink): Promise<Exported> {
  const { stderr } = context.terminal;
  const isWanted = filterOf(wanted.query);
  const leftOut: Record<string, number> = {};
  let records = 0;
  let seen = 0;
  try {
    for (const record of readRecords(dir)) {
      if (record.seq >= wanted.end) break;
      seen += 1;
      if (seen % TURN_EVERY === 0) {
        if (stderr.isTerminal) stderr.write(`\r${seen} of ${wanted.end} records`);
        await turn();
      }
      if (!isWanted(record)) continue;
      if (sink.write(record)) records += 1;
      else leftOut[record.kind] = (leftOut[record.kind] ?? 0) + 1;
    }
    sink.finish();
  } catch (error) {
    sink.abandon();
    throw error;
  } finally {
    if (stderr.isTerminal && seen >= TURN_EVERY) stderr.write("\r\u001b[K");
  }
  return { records, leftOut };
}

function filterOf(query: SearchQuery): (record: AuditRecord) => boolean {
  if (Object.keys(query).length === 0) return () => true;
  // Only a text is looked for in the line itself.
  const none = new Uint8Array();
  return (record) => recordMatches(query, record, query.text === undefined ? none : Buffer.from(compactJson(record)));
}
