import { mergeRanges, type Range } from "../language/range.ts";
import { type ProposedEntry, rangeTexts } from "./entry.ts";
import { rangeOfSpan, tallyOf } from "./read-entries.ts";
import type { SeenFunction } from "./seen.ts";
import { type Tally, together } from "./tally.ts";
import { registerEntries } from "./write-entries.ts";

/** Function 22: the bits that it touched. */
export function maskEntries({ masks }: SeenFunction): readonly ProposedEntry[] {
  const groups = new Map<number, { readonly addresses: number[]; tally: Tally }>();
  for (const [address, { bits, tally }] of masks) {
    const known = groups.get(bits);
    if (known === undefined) groups.set(bits, { addresses: [address], tally });
    else {
      known.addresses.push(address);
      known.tally = together(known.tally, tally);
    }
  }
  return [...groups].map(([mask, { addresses, tally }]) => {
    const ranges = mergeRanges(addresses.map((address) => ({ start: address, end: address })));
    return { entry: { functions: [22], addresses: rangeTexts(ranges), mask }, tally, notes: [] };
  });
}

/** Function 23: what it wrote, and what it only read, where it may write nothing. */
export function readWriteEntries(seen: SeenFunction): readonly ProposedEntry[] {
  const spans = [...seen.spans.values()];
  const onlyRead = mergeRanges(spans.map(rangeOfSpan)).flatMap((range) => without(range, seen.written));
  const reading: ProposedEntry[] = [];
  if (onlyRead.length > 0) {
    const entry = { functions: [23], addresses: rangeTexts(onlyRead), min: 1, mask: 0 };
    const notes = ["function 23 reads these: no value is at least 1 and has no bit, so it can write none of them"];
    reading.push({ entry, tally: tallyOf(spans, onlyRead) ?? seen.tally, notes });
  }
  return [...registerEntries(23, seen.written), ...reading];
}

function without({ start, end }: Range, written: ReadonlyMap<number, unknown>): readonly Range[] {
  const left: Range[] = [];
  for (let address = start; address <= end; address += 1) {
    if (!written.has(address)) left.push({ start: address, end: address });
  }
  return mergeRanges(left);
}

/** Functions without a table: files, FIFOs, diagnostics, identification, a vendor's own. */
export function functionEntries(seen: SeenFunction): readonly ProposedEntry[] {
  const { code, subfunction, tally } = seen;
  if (code === 20 || code === 21) return fileEntries(seen);
  if (code === 24) {
    const ranges = mergeRanges([...seen.spans.values()].map(({ address }) => ({ start: address, end: address })));
    return [{ entry: { functions: [24], addresses: rangeTexts(ranges) }, tally, notes: [] }];
  }
  return [{ entry: { functions: [subfunction === undefined ? code : `${code}/${subfunction}`] }, tally, notes: [] }];
}

/** Records of many files would be one range for each of them: the language takes so many files with records. */
const MAX_FILES = 256;

function fileEntries({ code, spans }: SeenFunction): readonly ProposedEntry[] {
  const byFile = new Map<number, { ranges: Range[]; tally: Tally }>();
  for (const span of spans.values()) {
    if (span.file === undefined) continue;
    const known = byFile.get(span.file);
    if (known === undefined) byFile.set(span.file, { ranges: [rangeOfSpan(span)], tally: span.tally });
    else {
      known.ranges.push(rangeOfSpan(span));
      known.tally = together(known.tally, span.tally);
    }
  }
  const byRecords = new Map<string, { files: number[]; readonly ranges: readonly Range[]; tally: Tally }[]>();
  for (const [file, { ranges, tally }] of byFile) {
    const merged = mergeRanges(ranges);
    const key = JSON.stringify(merged);
    const groups = byRecords.get(key) ?? [];
    byRecords.set(key, groups);
    const last = groups.at(-1);
    if (last === undefined || last.files.length === MAX_FILES) groups.push({ files: [file], ranges: merged, tally });
    else {
      last.files.push(file);
      last.tally = together(last.tally, tally);
    }
  }
  const notes = code === 21 ? ["what function 21 writes into a record is not limited"] : [];
  return [...byRecords.values()].flat().map(({ files, ranges, tally }) => {
    const which = mergeRanges(files.map((file) => ({ start: file, end: file })));
    const entry = { functions: [code], files: rangeTexts(which), records: rangeTexts(ranges) };
    return { entry, tally, notes };
  });
}
