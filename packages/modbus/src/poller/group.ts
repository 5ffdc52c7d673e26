import { type BackOff, delayOf, type UnitState } from "./back-off.ts";
import type { Item, Span } from "./item.ts";
import { type Block, planBlocks, type Stretch } from "./plan.ts";
import type { PollTable } from "./point.ts";

/** What all blocks of a group share. */
export interface GroupKey {
  readonly unit: number | undefined;
  readonly table: PollTable;
  readonly everyMs: number;
  readonly maxGap: number;
  readonly maxLength: number;
  readonly timeoutMs: number | undefined;
  readonly forbidden: readonly Stretch[];
}

/** One read that is repeated. */
export interface ReadBlock extends Block<Span> {
  readonly group: Group;
  /** When it is to be read next. */
  dueAt: number;
  inFlight: boolean;
  /** A single point that the device has refused: it gives way to all others. */
  refused: boolean;
  /** The piece of a refused block that it is. */
  piece: Piece | undefined;
}

/** A read that was refused and is being cut in two, to find what the device does not have. */
interface Piece {
  readonly search: Search;
  /** The first span of the right half. */
  readonly border: Span;
  /** Halves that were read as they are. */
  halvesRead: number;
}

interface Search {
  /** Reads that it may still cost. */
  left: number;
  /** Blocks whose outcome is not known yet. */
  open: number;
}

/** Enough to find one bad point among the 2000 of the longest read, or several in a shorter one. */
const readsPerSearch = 64;

/** The points of one unit, table and rate, as reads. */
export class Group {
  readonly key: GroupKey;
  readonly state: UnitState;
  blocks: ReadBlock[] = [];
  readonly #items = new Set<Item>();
  readonly #backOff: BackOff;
  /** Points that the device refused when they were asked for alone, and how often. */
  readonly #refused = new Map<Span, number>();
  /** Spans that are not read together with what stands before them. */
  readonly #breaks = new Set<Span>();
  /** Blocks that are refused at the same time share one search, and with it what it may cost. */
  #search: Search | undefined;
  #anchor = 0;
  #heads: readonly ReadBlock[] | undefined;

  constructor(key: GroupKey, state: UnitState, backOff: BackOff) {
    this.key = key;
    this.state = state;
    this.#backOff = backOff;
  }

  /**
   * The blocks that may be next, so that nobody has to look at all of them: of the ordinary ones, of the pieces of a
   * search and of the refused points the one that has been due for longest, each where one is not in flight.
   */
  get heads(): readonly ReadBlock[] {
    this.#heads ??= headsOf(this.blocks);
    return this.#heads;
  }

  /** The block is being read, or is not any more. */
  setInFlight(block: ReadBlock, inFlight: boolean): void {
    block.inFlight = inFlight;
    this.#heads = undefined;
  }

  get empty(): boolean {
    return this.#items.size === 0;
  }

  /** Throws ERR_MODBUS_BAD_VALUE, and then none of the items is there. */
  add(items: readonly Item[], now: number): void {
    for (const item of items) planBlocks(item.spans, this.key);
    for (const item of items) this.#items.add(item);
    this.#plan(now);
  }

  /** False when the item is not there. */
  remove(item: Item, now: number): boolean {
    if (!this.#items.delete(item)) return false;
    for (const span of item.spans) {
      this.#refused.delete(span);
      this.#breaks.delete(span);
    }
    this.#plan(now);
    return true;
  }

  /** Everything is due at once; the rate counts from here. */
  restart(now: number): void {
    this.#anchor = now;
    this.#heads = undefined;
    for (const block of this.blocks) block.dueAt = now;
  }

  /** What was learned of a device holds no longer: it was away and may be another one. */
  forget(now: number): void {
    this.#refused.clear();
    this.#breaks.clear();
    this.#plan(now);
    this.restart(now);
  }

  /** The next turn in the rhythm, and the turns that have been missed since the block was due. */
  next(block: ReadBlock, now: number): number {
    const { everyMs } = this.key;
    const dueAt = this.#turnAfter(now);
    const missed = Math.max(0, Math.round((dueAt - block.dueAt) / everyMs) - 1);
    block.dueAt = dueAt;
    this.#heads = undefined;
    return missed;
  }

  /** The block was read. */
  read(block: ReadBlock, now: number): void {
    const [span] = block.spans;
    if (block.spans.length === 1 && this.#refused.delete(span!)) this.#plan(now);
    if (block.piece !== undefined) {
      block.piece.halvesRead += 1;
      // Each half can be read and both together cannot: the fault lies between them.
      if (block.piece.halvesRead === 2) this.#breaks.add(block.piece.border);
      this.#settled(block, now);
    }
  }

  /** The device refuses an address of the block: it is cut in two, or it is the bad point. True: its points are bad. */
  refused(block: ReadBlock, now: number): boolean {
    this.#heads = undefined;
    const index = this.blocks.indexOf(block);
    if (index < 0) return true;
    const [first] = block.spans;
    const search = block.piece?.search ?? this.#search ?? { left: readsPerSearch, open: 0 };
    if (block.spans.length === 1) {
      const times = (this.#refused.get(first!) ?? 0) + 1;
      this.#refused.set(first!, times);
      block.refused = true;
      block.dueAt = Math.max(block.dueAt, now + delayOf(this.#backOff, times));
    } else if (search.left >= 2) {
      this.#halve(block, search, now);
      return false;
    } else {
      // What the budget did not suffice for is looked at in its own next turn, and drags nobody else along.
      this.#breaks.add(first!);
      const next = this.blocks[index + 1]?.spans[0];
      if (next !== undefined) this.#breaks.add(next);
    }
    if (block.piece !== undefined) this.#settled(block, now);
    return true;
  }

  /** A search ends without a result, because the device does not answer any more. */
  giveUp(block: ReadBlock, now: number): void {
    if (block.piece !== undefined) this.#settled(block, now);
  }

  #halve(block: ReadBlock, search: Search, now: number): void {
    const middle = block.spans.length >>> 1;
    const piece: Piece = { search, border: block.spans[middle]!, halvesRead: 0 };
    const halves = [block.spans.slice(0, middle), block.spans.slice(middle)].map((spans): ReadBlock => {
      const address = spans[0]!.address;
      const end = Math.max(...spans.map((span) => span.address + span.count));
      return { address, count: end - address, spans, group: this, dueAt: now, inFlight: false, refused: false, piece };
    });
    search.left -= 2;
    search.open += block.piece === undefined ? 2 : 1;
    this.#search = search;
    this.blocks.splice(this.blocks.indexOf(block), 1, ...halves);
  }

  #settled(block: ReadBlock, now: number): void {
    const { search } = block.piece!;
    block.piece = undefined;
    this.#heads = undefined;
    search.open -= 1;
    if (search.open === 0 && search === this.#search) this.#plan(now);
  }

  /** Plans anew; a span keeps the time at which it is due. */
  #plan(now: number): void {
    this.#search = undefined;
    this.#heads = undefined;
    const due = new Map<Span, number>();
    for (const block of this.blocks) {
      for (const span of block.spans) due.set(span, block.inFlight ? this.#turnAfter(now) : block.dueAt);
    }
    const spans = [...this.#items].flatMap((item) => item.spans);
    const apart = (left: Span, right: Span): boolean =>
      this.#breaks.has(right) || this.#refused.has(left) || this.#refused.has(right);
    this.blocks = planBlocks(spans, { ...this.key, apart }).map((block) => ({
      ...block,
      group: this,
      dueAt: Math.min(...block.spans.map((span) => due.get(span) ?? now)),
      inFlight: false,
      refused: this.#refused.has(block.spans[0]!),
      piece: undefined,
    }));
  }

  #turnAfter(now: number): number {
    const { everyMs } = this.key;
    return this.#anchor + (Math.floor((now - this.#anchor) / everyMs) + 1) * everyMs;
  }
}

function headsOf(blocks: readonly ReadBlock[]): readonly ReadBlock[] {
  let ordinary: ReadBlock | undefined;
  let piece: ReadBlock | undefined;
  let refused: ReadBlock | undefined;
  for (const block of blocks) {
    if (block.inFlight) continue;
    if (block.refused) refused = earlier(refused, block);
    else if (block.piece !== undefined) piece = earlier(piece, block);
    else ordinary = earlier(ordinary, block);
  }
  return [ordinary, piece, refused].filter((block) => block !== undefined);
}

function earlier(found: ReadBlock | undefined, block: ReadBlock): ReadBlock {
  return found === undefined || block.dueAt < found.dueAt ? block : found;
}
