import { isTime } from "../record/time.ts";
import { sealed, unsealed } from "./sealed.ts";
import { pushVarint, unzigzag, VarintReader, zigzag } from "./varint.ts";

/** Microseconds since 1970; what is before counts as 1970, what is after 2096 as 2096. */
const LATEST = 4e15;

let cachedMinute = "";
let cachedMs = 0;

/** A record's time in microseconds since 1970. Undefined when it is none. */
export function microsecondsOf(time: unknown): number | undefined {
  if (!isTime(time)) return undefined;
  const minute = time.slice(0, 16);
  if (minute !== cachedMinute) {
    cachedMs = Date.parse(`${minute}Z`);
    cachedMinute = minute;
  }
  const microseconds = cachedMs * 1000 + Number(time.slice(17, 19)) * 1e6 + Number(time.slice(20, 26));
  return Number.isNaN(microseconds) ? undefined : bounded(microseconds);
}

export function bounded(microseconds: number): number {
  return Math.min(Math.max(0, microseconds), LATEST);
}

/** When what a record tells of happened: one moment, or the span of a roll-up. Microseconds since 1970. */
export interface Span {
  readonly from: number;
  readonly to: number;
}

/** The spans of a block's records, by their offset; undefined for a record that could not be read. */
export type Spans = readonly (Span | undefined)[];

/** Each as the distance of its end to the one before, and its length; 0 for what is missing. */
export function packTimes(block: number, spans: Spans): Uint8Array {
  const out: number[] = [];
  let before = 0;
  for (const span of spans) {
    if (span === undefined) {
      out.push(0);
      continue;
    }
    const { from, to } = span;
    // 1: a moment, 2: a span.
    out.push(from === to ? 1 : 2);
    pushVarint(out, zigzag(to - before));
    if (from !== to) pushVarint(out, to - from);
    before = to;
  }
  return sealed(0, block, Uint8Array.from(out));
}

/** Throws `ERR_AUDIT_INDEX`. */
export function unpackTimes(block: number, packed: Uint8Array): Spans {
  const reader = new VarintReader(unsealed(0, block, packed), 0);
  const spans: (Span | undefined)[] = [];
  for (let before = 0; !reader.ended; ) {
    const what = reader.next();
    if (what === 0) {
      spans.push(undefined);
      continue;
    }
    const to = before + unzigzag(reader.next());
    spans.push({ from: what === 2 ? to - reader.next() : to, to });
    before = to;
  }
  return spans;
}
