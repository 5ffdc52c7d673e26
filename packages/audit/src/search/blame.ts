import type { Table } from "@modwarden/access";
import { LogReader } from "../read/log-reader.ts";
import type { JsonValue } from "../record/json.ts";
import type { AuditRecord } from "../record/record.ts";
import { approvalOf } from "./approved.ts";
import type { AuditIndex } from "./audit-index.ts";
import { spanOf } from "./facts.ts";
import type { IndexReader } from "./index-reader.ts";
import { outcomeOf, recordAt } from "./intent.ts";
import { type AccessValues, standing, valuesIn } from "./registers.ts";
import { type Fields, type How, how, isFields } from "./shape.ts";
import { stateAt } from "./state.ts";

/** Registers or bits that follow each other. */
export interface Place {
  readonly table: Table;
  readonly first: number;
  readonly last: number;
}

export interface BlameWanted {
  readonly device: string;
  /** By the name that the records have for it, by its place, or by either. */
  readonly point?: string;
  readonly place?: Place;
  /** Also what was refused and never sent. */
  readonly refused?: boolean;
  /** Milliseconds since 1970. */
  readonly since?: number;
  readonly beforeSeq?: number;
  readonly limit: number;
}

export type WriteOutcome = "confirmed" | "refused-by-device" | "unknown" | "refused" | "not-sent";

/** One write of what was asked about. Values raw, null where they are not known. */
export interface BlamedWrite {
  readonly seq: number;
  readonly t: string;
  readonly subject: Fields;
  readonly source: string;
  readonly operation: Fields;
  readonly device: string;
  readonly unit: number;
  readonly table: Table;
  readonly address: number;
  readonly points: readonly string[];
  /** What stood there, and the record that says so where the write's own does not. */
  readonly before: readonly (number | null)[];
  readonly beforeSeq?: number;
  readonly after: readonly (number | null)[];
  readonly mask?: JsonValue;
  readonly decision: Fields;
  /** Id of the approval that was used. */
  readonly approval?: string;
  readonly outcome: WriteOutcome;
  readonly exception?: number;
  /** What a later record says stood there, before anything else was written. */
  readonly readBack?: ReadBack;
}

export interface ReadBack {
  readonly seq: number;
  readonly t: string;
  readonly values: readonly (number | null)[];
  /** Whether it is what was written; null where that is not known. */
  readonly agrees: boolean | null;
}

export interface BlamePage {
  readonly writes: readonly BlamedWrite[];
  /** `beforeSeq` of the next page; undefined when that was all. */
  readonly next: number | undefined;
  /** Records that may be writes, but are not what the log has written. */
  readonly damaged: readonly number[];
}

const sent: readonly How[] = [how.written, how.unknown, how.refused, how.pending];
const seeing: readonly How[] = [how.values, how.rollup, how.state];
/** Records looked through for one that shows what stands there now. */
const MOST_LOOKED = 16;
/** Damaged records that are named. */
const MOST_DAMAGED = 100;

/** Who wrote something, the newest first. */
export function blame(index: AuditIndex, wanted: BlameWanted): BlamePage {
  const found = index.reading((reader) => {
    const log = new LogReader(index.dir);
    try {
      return collect(reader, log, wanted);
    } finally {
      log.close();
    }
  });
  return { ...found, writes: found.writes.map((write) => withBefore(index, write)) };
}

function collect(reader: IndexReader, log: LogReader, wanted: BlameWanted): BlamePage {
  const { since, beforeSeq, limit } = wanted;
  const terms = shapesOf(reader, wanted, wanted.refused === true ? [...sent, how.notSent] : sent);
  const range = { newestFirst: true, ...(beforeSeq === undefined ? {} : { beforeSeq }) };
  const writes: BlamedWrite[] = [];
  const damaged: number[] = [];
  for (const seq of reader.having(terms, since === undefined ? {} : { from: since }, range)) {
    const record = recordAt(log, seq);
    if (record === undefined && seq >= log.first && damaged.length < MOST_DAMAGED) damaged.push(seq);
    if (record === undefined || hasOutcome(reader, log, record)) continue;
    for (const told of valuesIn(record)) {
      if (!isWanted(told, wanted)) continue;
      if (writes.length === limit) return { writes, next: writes.at(-1)?.seq ?? seq, damaged };
      const write = writeOf(reader, log, record, told, wanted);
      const seen = write.outcome === "confirmed" ? readBack(reader, log, write) : undefined;
      writes.push(seen === undefined ? write : { ...write, readBack: seen });
    }
  }
  return { writes, next: undefined, damaged };
}

function shapesOf(reader: IndexReader, { device, point, place }: BlameWanted, came: readonly How[]): readonly number[] {
  const byName = point === undefined ? [] : reader.shapes({ device, point, how: came });
  const byPlace = place === undefined ? [] : reader.shapes({ device, table: place.table, addresses: place, how: came });
  return [...new Set([...byName, ...byPlace].map(({ id }) => id))];
}

/** A write that is on record twice is one. */
function hasOutcome(reader: IndexReader, log: LogReader, record: AuditRecord): boolean {
  const pending = valuesIn(record).some(({ shape }) => shape.how === how.pending);
  return pending && outcomeOf(reader, log, record) !== undefined;
}

function isWanted({ shape, access }: AccessValues, { device, point, place }: BlameWanted): boolean {
  if (access["write"] !== true || shape.device !== device) return false;
  if (point !== undefined && shape.points.includes(point)) return true;
  if (place === undefined) return false;
  return shape.table === place.table && shape.address <= place.last && shape.address + shape.quantity > place.first;
}

const outcomeNames: Partial<Record<How, WriteOutcome>> = {
  [how.written]: "confirmed",
  [how.unknown]: "unknown",
  [how.pending]: "unknown",
  [how.refused]: "refused-by-device",
};

function writeOf(
  reader: IndexReader,
  log: LogReader,
  record: AuditRecord,
  { shape, access, values, before }: AccessValues,
  { device, place }: BlameWanted,
): BlamedWrite {
  const fieldsOf = (name: string): Fields => {
    const value = record[name];
    return isFields(value) ? value : {};
  };
  const decision = fieldsOf("decision");
  const { source } = fieldsOf("location");
  const { exception } = fieldsOf("outcome");
  const { mask } = access;
  // Of a write of many registers only those that were asked about.
  const from = place === undefined ? shape.address : Math.max(shape.address, place.first);
  const to =
    place === undefined ? shape.address + values.length : Math.min(shape.address + values.length, place.last + 1);
  const part = (all: readonly (number | null)[]): readonly (number | null)[] =>
    from < to ? all.slice(from - shape.address, to - shape.address) : all;
  const approval = approvalOf(reader, log, record, shape);
  return {
    seq: record.seq,
    t: record.t,
    subject: fieldsOf("subject"),
    source: typeof source === "string" ? source : "",
    operation: fieldsOf("operation"),
    device,
    unit: shape.unit,
    table: shape.table ?? "holding",
    address: from < to ? from : shape.address,
    points: shape.points,
    before: part(before),
    after: part(values),
    ...(mask === undefined ? {} : { mask }),
    decision,
    ...(approval === undefined ? {} : { approval }),
    outcome: outcomeNames[shape.how] ?? (decision["permit"] === true ? "not-sent" : "refused"),
    ...(typeof exception === "number" ? { exception } : {}),
  };
}

/** The first record after a write, and before something else is written there, that shows what stands there. */
function readBack(reader: IndexReader, log: LogReader, write: BlamedWrite): ReadBack | undefined {
  const { device, table, address, after, seq } = write;
  const last = address + after.length - 1;
  const place = { device, table, addresses: { first: address, last } };
  const since = { newestFirst: false, fromSeq: seq + 1 };
  const writing = reader.shapes({ ...place, how: sent }).map(({ id }) => id);
  const newer = reader.having(writing, {}, since).next().value ?? Number.MAX_SAFE_INTEGER;
  const terms = reader
    .shapes({ ...place, how: seeing })
    .filter((shape) => shape.address <= address && shape.address + shape.quantity > last)
    .map(({ id }) => id);
  let left = MOST_LOOKED;
  for (const later of reader.having(terms, {}, { ...since, beforeSeq: newer })) {
    const record = recordAt(log, later);
    const seen = record === undefined ? undefined : seenIn(record, write);
    if (seen !== undefined) return seen;
    left -= 1;
    if (left === 0) return undefined;
  }
  return undefined;
}

/** Undefined where the record is about something else, or about a minute that began before the write. */
function seenIn(record: AuditRecord, { t, table, device, address, after }: BlamedWrite): ReadBack | undefined {
  const began = spanOf(record)?.from ?? 0;
  const written = spanOf({ seq: 0, t, kind: "transaction" })?.to ?? 0;
  if (began < written) return undefined;
  for (const told of valuesIn(record)) {
    const { shape } = told;
    const start = address - shape.address;
    if (shape.table !== table || shape.device !== device || start < 0 || start + after.length > shape.quantity)
      continue;
    const values = standing(told).slice(start, start + after.length);
    const agrees = after.includes(null) ? null : values.every((value, index) => value === after[index]);
    return { seq: record.seq, t: record.t, values, agrees };
  }
  return undefined;
}

/** Where the write's record does not say what stood there before, an earlier record may. */
function withBefore(index: AuditIndex, write: BlamedWrite): BlamedWrite {
  const { device, table, address, before, seq, t } = write;
  if (before.every((value) => value !== null)) return write;
  const at = spanOf({ seq, t, kind: "transaction" })?.to ?? 0;
  const addresses = { first: address, last: address + before.length - 1 };
  const known = stateAt(index, { device, table, addresses, at, beforeSeq: seq });
  const found = before.map(
    (value, offset) => value ?? known.find((one) => one.address === address + offset)?.value ?? null,
  );
  const newest = known.filter(({ value }) => value !== null).map((one) => one.seq);
  return newest.length === 0 ? write : { ...write, before: found, beforeSeq: Math.max(...newest) };
}
