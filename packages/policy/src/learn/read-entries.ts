import type { Table } from "@modwarden/access";
import type { Point, Profile } from "@modwarden/profile";
import { mergeRanges, type Range } from "../language/range.ts";
import type { PolicyDevice } from "../rules/device.ts";
import { type ProposedEntry, rangeText, rangeTexts } from "./entry.ts";
import type { SeenFunction, SeenSpan } from "./seen.ts";
import { type Tally, together } from "./tally.ts";

/** Spans this far apart are one to whoever polls a device: the registers between are there, and only unasked. */
const MAX_GAP = 8;
/** A span of more points is written by its addresses: a list of all their names would hide what it is. */
const MAX_NAMES = 4;

/** What a role may read with functions 1 to 4: point names where a span is exactly a few points, else addresses. */
export function readEntries(seen: SeenFunction, device: PolicyDevice | undefined): readonly ProposedEntry[] {
  const spans = [...seen.spans.values()];
  const table = spans[0]?.table;
  if (table === undefined || table === null) return [];
  const asked = mergeRanges(spans.map(rangeOfSpan));
  const { ranges, joined } = joinedRanges(asked, table, device?.profile);
  const entries: ProposedEntry[] = [];
  const rest: Range[] = [];
  for (const range of ranges) {
    const points = device?.profile === undefined ? undefined : exactPoints(range, table, device.profile);
    if (points === undefined) rest.push(range);
    else for (const point of points) entries.push(pointEntry(point, spans, joined));
  }
  if (rest.length > 0) {
    const entry = { functions: [seen.code], addresses: rangeTexts(rest) };
    const notes = [...joinedNotes(joined, rest), ...namesNotes(rest, table, device?.profile)];
    entries.push({ entry, tally: tallyOf(spans, rest) ?? seen.tally, notes });
  }
  return entries;
}

export function rangeOfSpan({ address, quantity }: SeenSpan): Range {
  return { start: address, end: address + quantity - 1 };
}

/** What all spans that touch the ranges come to. */
export function tallyOf(spans: readonly SeenSpan[], ranges: readonly Range[]): Tally | undefined {
  let tally: Tally | undefined;
  for (const span of spans) {
    const { start, end } = rangeOfSpan(span);
    if (ranges.some((range) => range.start <= end && range.end >= start)) tally = together(tally, span.tally);
  }
  return tally;
}

function joinedRanges(
  asked: readonly Range[],
  table: Table,
  profile: Profile | undefined,
): { readonly ranges: readonly Range[]; readonly joined: readonly Range[] } {
  const joined: Range[] = [];
  if (profile === undefined) return { ranges: asked, joined };
  for (const [index, range] of asked.entries()) {
    const next = asked[index + 1];
    if (next === undefined) continue;
    const gap = { start: range.end + 1, end: next.start - 1 };
    const count = gap.end - gap.start + 1;
    if (count <= MAX_GAP && profile.readable(table, gap.start, count)) joined.push(gap);
  }
  return { ranges: mergeRanges([...asked, ...joined]), joined };
}

/** The points that these registers are, when they are exactly so many as can be read at a glance. */
function exactPoints({ start, end }: Range, table: Table, profile: Profile): readonly Point[] | undefined {
  const points = profile.pointsAt(table, start, end - start + 1);
  if (points.length === 0 || points.length > MAX_NAMES) return undefined;
  let at = start;
  for (const point of points) {
    if (point.address !== at) return undefined;
    at += point.count;
  }
  return at === end + 1 ? points : undefined;
}

function pointEntry(point: Point, spans: readonly SeenSpan[], joined: readonly Range[]): ProposedEntry {
  const range = { start: point.address, end: point.address + point.count - 1 };
  const tally = tallyOf(spans, [range]);
  const notes = joinedNotes(joined, [range]);
  if (tally !== undefined) return { entry: { read: point.id }, tally, notes };
  // It lies wholly in a gap that was joined over.
  const [first] = spans;
  const times = first?.tally ?? { count: 0, firstMs: 0, lastMs: 0 };
  return { entry: { read: point.id }, tally: { ...times, count: 0 }, notes };
}

function joinedNotes(joined: readonly Range[], within: readonly Range[]): readonly string[] {
  const gaps = joined.filter((gap) => within.some(({ start, end }) => gap.start <= end && gap.end >= start));
  if (gaps.length === 0) return [];
  const which = gaps.map(rangeText).join(", ");
  return [`joined over ${which}, which nobody asked for: the profile has them`];
}

function namesNotes(ranges: readonly Range[], table: Table, profile: Profile | undefined): readonly string[] {
  const points = ranges.flatMap(({ start, end }) => profile?.pointsAt(table, start, end - start + 1) ?? []);
  const [first] = points;
  const last = points.at(-1);
  if (first === undefined || last === undefined) return [];
  return [first === last ? `has the point ${first.id}` : `has ${points.length} points, ${first.id} to ${last.id}`];
}
