import type { LogReader } from "../read/log-reader.ts";
import { type AuditRecord, parseRecord } from "../record/record.ts";
import type { IndexReader } from "./index-reader.ts";
import { valuesIn } from "./registers.ts";
import { type How, how, isFields } from "./shape.ts";

/** Records looked through for the one that says what came of a write; it follows within seconds. */
const MOST = 64;
const outcomes: readonly How[] = [how.written, how.unknown, how.refused, how.notSent];

/**
 * What came of a write that was on record before it left: the record with the same number of intent. Undefined where
 * there is none, or none by `until` (microseconds): what the device has done was not known then.
 */
export function outcomeOf(
  reader: IndexReader,
  log: LogReader,
  pending: AuditRecord,
  until: number = Number.POSITIVE_INFINITY,
): AuditRecord | undefined {
  const intent = intentOf(pending);
  const written = valuesIn(pending).find(({ shape }) => shape.how === how.pending)?.shape;
  if (intent === undefined || written === undefined) return undefined;
  const { device, table, address, quantity } = written;
  if (device === null || table === null) return undefined;
  const terms = reader
    .shapes({
      device,
      table,
      addresses: { first: address, last: address + Math.max(0, quantity - 1) },
      how: outcomes,
    })
    .filter((shape) => shape.address === address && shape.quantity === quantity)
    .map(({ id }) => id);
  let left = MOST;
  const to = Number.isFinite(until) ? { to: (until + 1) / 1000 } : {};
  for (const seq of reader.having(terms, to, { newestFirst: false, fromSeq: pending.seq + 1 })) {
    const found = recordAt(log, seq);
    if (found !== undefined && intentOf(found) === intent) return found;
    left -= 1;
    if (left === 0) return undefined;
  }
  return undefined;
}

/** A record, where it is there and what the log has written. */
export function recordAt(log: LogReader, seq: number): AuditRecord | undefined {
  const line = log.line(seq);
  const record = line === undefined ? undefined : parseRecord(line, seq);
  return typeof record === "string" ? undefined : record;
}

function intentOf({ outcome }: AuditRecord): number | undefined {
  const intent = isFields(outcome) ? outcome["intent"] : undefined;
  return typeof intent === "number" ? intent : undefined;
}
