import type { Sidecar, SidecarStatement } from "@modwarden/store";
import { type Bits, BLOCK_RECORDS, countBits, keepBits, noBits, offsetsOf, setBit } from "./bits.ts";
import { addPosting } from "./posting.ts";
import { type SearchQuery, textWanted, timesWanted } from "./query.ts";
import { numberIn } from "./schema.ts";
import { indexDamaged } from "./sealed.ts";
import { type AnyOf, type ShapesWanted, type StoredShape, TermLookup } from "./term-lookup.ts";
import { mayHold } from "./text-filter.ts";
import { type Span, type Spans, unpackTimes } from "./times.ts";

/** Which part of the log, and from which end. */
export interface SearchRange {
  readonly newestFirst: boolean;
  /** Records with this number and above. */
  readonly fromSeq?: number;
  /** Records below this number. */
  readonly beforeSeq?: number;
}

/** A record and when it was. */
export interface Dated extends Span {
  readonly seq: number;
}

interface BlockRow {
  readonly number: number;
  readonly first: number | null;
  readonly last: number | null;
}

/** Blocks that are looked at together: few at first, for what is looked for is often near; then more at a time. */
const MOST_BLOCKS = 256;

/** Reads an index: which records may be what is asked for. Throws `ERR_AUDIT_INDEX`. */
export class IndexReader {
  readonly #sidecar: Sidecar;
  readonly #lookup: TermLookup;
  readonly #postings: SidecarStatement<{ readonly block: number; readonly list: Uint8Array }>;
  readonly #newest: SidecarStatement<{ readonly block: number; readonly list: Uint8Array }>;
  readonly #blocks: SidecarStatement<BlockRow>;
  readonly #times: SidecarStatement<{ readonly times: Uint8Array }>;
  readonly #text: SidecarStatement<{ readonly text: Uint8Array }>;

  constructor(sidecar: Sidecar) {
    this.#sidecar = sidecar;
    this.#lookup = new TermLookup(sidecar);
    this.#postings = sidecar.prepare("select block, list from posting where term = ? and block between ? and ?");
    this.#newest = sidecar.prepare(
      "select block, list from posting where term = ? and block <= ? order by block desc limit 1",
    );
    this.#blocks = sidecar.prepare("select number, first, last from block where number between ? and ?");
    this.#times = sidecar.prepare("select times from content where number = ?");
    this.#text = sidecar.prepare("select text from content where number = ?");
  }

  /** Numbers of the records, in the order of the range. What the index cannot tell is left to the caller. */
  *find(query: SearchQuery, range: SearchRange): Generator<number, void, void> {
    yield* numbersIn(this.#matching(query, range), range);
  }

  /** How many that are. */
  count(query: SearchQuery, range: SearchRange): number {
    let count = 0;
    for (const { bits } of this.#matching(query, range)) count += countBits(bits);
    return count;
  }

  shapes(wanted: ShapesWanted): readonly StoredShape[] {
    return this.#lookup.shapes(wanted);
  }

  /** Numbers of the records that have one of these terms. */
  *having(terms: AnyOf, times: Pick<SearchQuery, "from" | "to">, range: SearchRange): Generator<number, void, void> {
    yield* numbersIn(this.#matching(times, range, [terms]), range);
  }

  /**
   * The newest record with a term, below a number, of what was over at a time (microseconds). `known`
   * keeps times between calls.
   */
  newest(term: number, beforeSeq: number, until: number, known: Map<number, Spans>): Dated | undefined {
    for (let block = Math.floor((beforeSeq - 1) / BLOCK_RECORDS); ; block--) {
      const posting = this.#newest.get(term, block);
      if (posting === undefined) return undefined;
      block = posting.block;
      const bits = noBits();
      addPosting(bits, term, block, posting.list);
      const spans = known.get(block) ?? this.#spans(block);
      known.set(block, spans);
      for (const offset of offsetsOf(bits).reverse()) {
        const seq = block * BLOCK_RECORDS + offset;
        const span = spans[offset];
        if (seq < beforeSeq && span !== undefined && span.to <= until) return { seq, ...span };
      }
    }
  }

  /** A number that every record of what began by then is below (microseconds). */
  endOf(until: number): number {
    const last = numberIn(this.#sidecar, `select ifnull(max(number), -1) from block where first <= ${until}`);
    return (last + 1) * BLOCK_RECORDS;
  }

  *#matching(
    query: SearchQuery,
    range: SearchRange,
    conditions: readonly AnyOf[] = this.#lookup.conditions(query),
  ): Generator<{ readonly number: number; readonly bits: Bits }> {
    if (conditions.some((terms) => terms.length === 0)) return;
    const text = query.text === undefined ? undefined : textWanted(query.text);
    for (const [from, to] of this.#windows(query, range)) {
      const found = this.#allOf(conditions, from, to);
      if (found.size === 0) continue;
      this.#keepTimes(query, found, from, to);
      const numbers = [...found.keys()].sort((one, other) => (range.newestFirst ? other - one : one - other));
      for (const number of numbers) {
        const bits = found.get(number)!;
        if (!keepBits(bits, seqBits(number, range))) continue;
        if (text === undefined || this.#mayHold(number, text)) yield { number, bits };
      }
    }
  }

  /** The blocks that can hold anything, in growing windows. */
  *#windows(query: SearchQuery, range: SearchRange): Generator<readonly [number, number]> {
    const { from, to } = timesWanted(query);
    const timed = query.from !== undefined || query.to !== undefined;
    const within = timed ? ` where last >= ${from} and first < ${Number.isFinite(to) ? to : "9e18"}` : "";
    const bound = (which: "min" | "max"): number =>
      numberIn(this.#sidecar, `select ifnull(${which}(number), ${which === "min" ? 0 : -1}) from block${within}`);
    const least = Math.max(bound("min"), Math.floor((range.fromSeq ?? 0) / BLOCK_RECORDS));
    const most = Math.min(bound("max"), Math.floor(((range.beforeSeq ?? Number.MAX_SAFE_INTEGER) - 1) / BLOCK_RECORDS));
    let size = 1;
    for (let left = least, right = most; left <= right; size = Math.min(2 * size, MOST_BLOCKS)) {
      if (range.newestFirst) {
        yield [Math.max(left, right - size + 1), right];
        right -= size;
      } else {
        yield [left, Math.min(right, left + size - 1)];
        left += size;
      }
    }
  }

  /** Records of these blocks that fulfil every condition, by block. */
  #allOf(conditions: readonly AnyOf[], from: number, to: number): Map<number, Bits> {
    let found: Map<number, Bits> | undefined;
    for (const terms of conditions) {
      const having = this.#anyOf(terms, from, to);
      if (found === undefined) found = having;
      else {
        for (const [number, bits] of found) {
          const others = having.get(number);
          if (others === undefined || !keepBits(bits, others)) found.delete(number);
        }
      }
      if (found.size === 0) break;
    }
    return found ?? new Map();
  }

  #anyOf(terms: AnyOf, from: number, to: number): Map<number, Bits> {
    const found = new Map<number, Bits>();
    for (const term of terms) {
      for (const { block, list } of this.#postings.all(term, from, to)) {
        const bits = found.get(block) ?? noBits();
        found.set(block, bits);
        addPosting(bits, term, block, list);
      }
    }
    return found;
  }

  #keepTimes(query: SearchQuery, found: Map<number, Bits>, fromBlock: number, toBlock: number): void {
    if (query.from === undefined && query.to === undefined) return;
    const { from, to } = timesWanted(query);
    const rows = new Map(this.#blocks.all(fromBlock, toBlock).map((row) => [row.number, row]));
    for (const [number, bits] of found) {
      const { first = null, last = null } = rows.get(number) ?? {};
      if (first === null || last === null || last < from || first >= to) found.delete(number);
      else if ((first < from || last >= to) && !keepBits(bits, this.#timeBits(number, from, to))) found.delete(number);
    }
  }

  /** When the records of a block were. */
  #spans(number: number): Spans {
    const packed = this.#times.get(number)?.times;
    if (packed === undefined) throw indexDamaged(`it has no times of block ${number}`);
    return unpackTimes(number, packed);
  }

  #timeBits(number: number, from: number, to: number): Bits {
    const bits = noBits();
    for (const [offset, span] of this.#spans(number).entries()) {
      if (span !== undefined && span.to >= from && span.from < to) setBit(bits, offset);
    }
    return bits;
  }

  #mayHold(number: number, text: Uint8Array): boolean {
    const packed = this.#text.get(number)?.text;
    if (packed === undefined) throw indexDamaged(`it has no texts of block ${number}`);
    return mayHold(number, packed, text);
  }
}

function* numbersIn(
  blocks: Iterable<{ readonly number: number; readonly bits: Bits }>,
  { newestFirst }: SearchRange,
): Generator<number, void, void> {
  for (const { number, bits } of blocks) {
    const offsets = offsetsOf(bits);
    for (const offset of newestFirst ? offsets.reverse() : offsets) yield number * BLOCK_RECORDS + offset;
  }
}

/** The records of a block that are in the range. */
function seqBits(number: number, { fromSeq = 0, beforeSeq = Number.MAX_SAFE_INTEGER }: SearchRange): Bits {
  const start = number * BLOCK_RECORDS;
  const bits = noBits();
  if (fromSeq <= start && beforeSeq >= start + BLOCK_RECORDS) return bits.fill(0xffffffff);
  const last = Math.min(beforeSeq - start, BLOCK_RECORDS);
  for (let offset = Math.max(0, fromSeq - start); offset < last; offset++) setBit(bits, offset);
  return bits;
}
