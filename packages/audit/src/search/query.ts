import type { Table } from "@modwarden/access";
import { compactJson } from "../record/json.ts";
import type { AuditRecord } from "../record/record.ts";
import { sourceHost } from "../rollup/source-host.ts";
import { type Dimension, factsOf, type Said, spanOf } from "./facts.ts";
import { isFields, type Shape } from "./shape.ts";
import { lowered } from "./text-filter.ts";
import { bounded } from "./times.ts";

/** Records are found that fulfil all of it. Times in milliseconds since 1970. */
export interface SearchQuery {
  /** What happened then or later. */
  readonly from?: number;
  /** What happened before. */
  readonly to?: number;
  /** Null: somebody who is not registered. */
  readonly subject?: string | null;
  /** Null: without a role. */
  readonly role?: string | null;
  /** An address, or an address with a port. */
  readonly source?: string;
  readonly kind?: string;
  /** What happened, of records that are no requests: `start`, `revoked`, `applied`. */
  readonly event?: string;
  readonly device?: string;
  readonly point?: string;
  readonly table?: Table;
  /** 0-based. One of these registers or bits, at least. */
  readonly addresses?: { readonly first: number; readonly last: number };
  /** The code as it was received. */
  readonly function?: number;
  readonly decision?: "permitted" | "refused";
  readonly because?: string;
  /** A rule that decided. */
  readonly rule?: string;
  /** The rule of a finding. */
  readonly finding?: string;
  readonly severity?: string;
  /** Stands somewhere in the line of the record; A to Z are as a to z. */
  readonly text?: string;
}

const dimensions = [
  "kind",
  "event",
  "subject",
  "role",
  "function",
  "decision",
  "because",
  "rule",
  "finding",
  "severity",
] as const satisfies readonly Dimension[];

/** The terms that a record must have, all of them. */
export function termsWanted(query: SearchQuery): readonly (readonly [Dimension, Said])[] {
  const wanted: (readonly [Dimension, Said])[] = [];
  for (const name of dimensions) {
    const value = query[name];
    if (value !== undefined) wanted.push([name, value]);
  }
  if (query.source !== undefined) wanted.push(["source", sourceHost(query.source)]);
  if (query.device !== undefined && !wantsShape(query)) wanted.push(["device", query.device]);
  return wanted;
}

/** It asks for more of an object than its device: all of it must then be true of one and the same access. */
export function wantsShape({ point, table, addresses }: SearchQuery): boolean {
  return point !== undefined || table !== undefined || addresses !== undefined;
}

/** What the index alone cannot tell: it needs the record. */
export function needsRecord({ text, source }: SearchQuery): boolean {
  return text !== undefined || (source !== undefined && source !== sourceHost(source));
}

/** The text as it stands in a line, where it is quoted; lowered. */
export function textWanted(text: string): Buffer {
  return lowered(Buffer.from(compactJson(text).slice(1, -1)));
}

/** In microseconds, as the index has them. `from` is part of it, `to` is not. */
export function timesWanted({ from, to }: SearchQuery): { readonly from: number; readonly to: number } {
  return {
    from: from === undefined ? 0 : bounded(from * 1000),
    to: to === undefined ? Number.POSITIVE_INFINITY : bounded(to * 1000),
  };
}

function shapeFits({ device, point, table, addresses }: SearchQuery, shape: Shape): boolean {
  if (device !== undefined && shape.device !== device) return false;
  if (point !== undefined && !shape.points.includes(point)) return false;
  if (table !== undefined && shape.table !== table) return false;
  if (addresses === undefined) return true;
  return shape.file === null && shape.address <= addresses.last && shape.address + shape.quantity > addresses.first;
}

/** Whether a record is what was asked for: looked at by itself, without the index. `line` without LF. */
export function matches(query: SearchQuery, record: AuditRecord, line: Uint8Array): boolean {
  const wanted = termsWanted(query);
  const missing = new Set(wanted);
  let fits = !wantsShape(query);
  factsOf(record, {
    term(of, said) {
      const key = keyOf(said);
      for (const pair of missing) if (pair[0] === of && keyOf(pair[1]) === key) missing.delete(pair);
    },
    shape(shape) {
      fits ||= shapeFits(query, shape);
    },
  });
  return missing.size === 0 && fits && timeFits(query, record) && detailFits(query, record, line);
}

/** Numbers are stored as the text that they are written as. */
function keyOf(said: Said): string | null {
  return said === null ? null : String(said);
}

function timeFits(query: SearchQuery, record: AuditRecord): boolean {
  if (query.from === undefined && query.to === undefined) return true;
  const span = spanOf(record);
  const { from, to } = timesWanted(query);
  return span !== undefined && span.to >= from && span.from < to;
}

function detailFits({ source, text }: SearchQuery, record: AuditRecord, line: Uint8Array): boolean {
  if (text !== undefined && !lowered(line).includes(textWanted(text))) return false;
  if (source === undefined || source === sourceHost(source)) return true;
  const { location } = record;
  return (isFields(location) ? location["source"] : record["source"]) === source;
}
