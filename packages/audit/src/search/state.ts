import type { Table } from "@modwarden/access";
import { LogReader } from "../read/log-reader.ts";
import type { AuditIndex } from "./audit-index.ts";
import { spanOf } from "./facts.ts";
import type { Dated, IndexReader } from "./index-reader.ts";
import { outcomeOf, recordAt } from "./intent.ts";
import { type AccessValues, standing, valuesIn } from "./registers.ts";
import { indexDamaged } from "./sealed.ts";
import { type How, how } from "./shape.ts";
import type { StoredShape } from "./term-lookup.ts";
import { bounded, type Spans } from "./times.ts";

/** What was known of one register or bit. */
export interface KnownRegister {
  readonly table: Table;
  readonly address: number;
  /** Raw. Null: it was not known, because of the record that is named. */
  readonly value: number | null;
  /** When it was known, in microseconds since 1970. */
  readonly at: number;
  /** The record that says so. */
  readonly seq: number;
  readonly by: KnownBy;
  readonly points: readonly string[];
}

export type KnownBy = "write" | "unknown-write" | "read" | "rollup" | "state";

export interface StateWanted {
  readonly device: string;
  readonly table?: Table;
  readonly addresses?: { readonly first: number; readonly last: number };
  /** Microseconds since 1970. */
  readonly at: number;
  /** Only what stands before this record. */
  readonly beforeSeq?: number;
}

const names: Partial<Record<How, KnownBy>> = {
  [how.written]: "write",
  [how.unknown]: "unknown-write",
  [how.refused]: "unknown-write",
  [how.pending]: "unknown-write",
  [how.values]: "read",
  [how.rollup]: "rollup",
  [how.state]: "state",
};
const telling: readonly How[] = Object.keys(names).map((key) => Number(key) as How);

/** Writes looked back on for one that has no outcome. */
const MOST_PENDING = 16;

interface Candidate extends Dated {
  readonly shape: StoredShape;
}

/**
 * What the registers of a device were known to be at a time, by table and address: the newest that any record says. A
 * roll-up says it for the end of its minute; but what a write, a read or a change within that minute says goes before,
 * because nobody knows when in the minute the last read was. After a write that may not have been done a register is
 * not known until it is seen again.
 */
export function stateAt(index: AuditIndex, wanted: StateWanted): readonly KnownRegister[] {
  return index.reading((reader) => {
    const log = new LogReader(index.dir);
    try {
      return collect(reader, log, wanted);
    } finally {
      log.close();
    }
  });
}

function collect(reader: IndexReader, log: LogReader, wanted: StateWanted): readonly KnownRegister[] {
  const known = new Map<string, KnownRegister & { readonly from: number }>();
  for (const candidate of candidatesOf(reader, log, wanted)) {
    const { shape, seq, from, to } = candidate;
    const addresses = addressesOf(shape, wanted).filter((address) => {
      const there = known.get(`${shape.table} ${address}`);
      return there === undefined || (there.by === "rollup" && there.from < to && shape.how !== how.rollup);
    });
    if (addresses.length === 0) continue;
    const accesses = readAccesses(log, candidate, wanted.device);
    // What an older record says must not pass for the newest because that is damaged.
    if (accesses === undefined) {
      const by = names[shape.how] ?? "read";
      const unknown = { table: shape.table, value: null, at: to, seq, by, points: [], from };
      for (const address of addresses) known.set(`${shape.table} ${address}`, { ...unknown, address });
    }
    for (const told of accesses ?? []) {
      const values = standing(told);
      for (const address of addresses) {
        const by = names[told.shape.how] ?? "read";
        const value = values[address - told.shape.address] ?? null;
        const { table } = shape;
        known.set(`${table} ${address}`, { table, address, value, at: to, seq, by, points: told.shape.points, from });
      }
    }
  }
  return [...known.values()]
    .map(({ from: _from, ...register }) => register)
    .sort((one, other) => compare(one.table, other.table) || one.address - other.address);
}

/** The newest record of each shape, the newest first. What is read goes before what is written at once. */
function candidatesOf(
  reader: IndexReader,
  log: LogReader,
  { at, beforeSeq, ...place }: StateWanted,
): readonly Candidate[] {
  const until = bounded(at);
  const before = Math.min(beforeSeq ?? Number.MAX_SAFE_INTEGER, reader.endOf(until));
  const spans = new Map<number, Spans>();
  const candidates: Candidate[] = [];
  for (const shape of reader.shapes({ ...place, how: telling })) {
    let newest = reader.newest(shape.id, before, until, spans);
    // Where it is on record what came of it, that record counts.
    for (let steps = 0; shape.how === how.pending && newest !== undefined && steps < MOST_PENDING; steps++) {
      const pending = recordAt(log, newest.seq);
      if (pending === undefined || outcomeOf(reader, log, pending, until) === undefined) break;
      newest = reader.newest(shape.id, newest.seq, until, spans);
    }
    if (newest !== undefined) candidates.push({ ...newest, shape });
  }
  const order = (one: Candidate, other: Candidate): number =>
    other.to - one.to || other.seq - one.seq || other.shape.how - one.shape.how;
  return candidates.sort(order);
}

function addressesOf({ address, quantity }: StoredShape, { addresses }: StateWanted): readonly number[] {
  const all = Array.from({ length: Math.min(quantity, 2048) }, (_, offset) => address + offset);
  return addresses === undefined ? all : all.filter((one) => one >= addresses.first && one <= addresses.last);
}

/**
 * Those accesses of the record that are of the shape; none where it was removed with its segment, and undefined where
 * it is damaged. An index in which it has another device or time is none of this
 * log's, and must not be believed: what is known then is what the record says. Throws `ERR_AUDIT_INDEX`.
 */
function readAccesses(
  log: LogReader,
  { seq, shape, from, to }: Candidate,
  device: string,
): readonly AccessValues[] | undefined {
  const record = recordAt(log, seq);
  if (record === undefined) return seq < log.first ? [] : undefined;
  const told = valuesIn(record).filter(
    ({ shape: said }) =>
      said.device === device &&
      said.how === shape.how &&
      said.table === shape.table &&
      said.address === shape.address &&
      said.quantity === shape.quantity,
  );
  const span = spanOf(record);
  if (told.length > 0 && span?.from === from && span.to === to) return told;
  throw indexDamaged(`it says of record ${seq} what that does not say`);
}

function compare(one: string, other: string): number {
  return one < other ? -1 : one > other ? 1 : 0;
}
