import type { Access, Table } from "@modwarden/access";
import type { Extremes, Watch } from "@modwarden/policy";
import type { LastValues } from "../values.ts";

/** Spans of a window: the window is longer than asked for by up to one of them, never shorter. */
const SPANS = 32;

type Raw = number | bigint;

/** Least and greatest value of one point over the last while, in a ring of spans. */
class Track {
  readonly watch: Watch;
  readonly #spanMs: number;
  readonly #least: (Raw | undefined)[] = Array<Raw | undefined>(SPANS + 1).fill(undefined);
  readonly #most: (Raw | undefined)[] = Array<Raw | undefined>(SPANS + 1).fill(undefined);
  #span = 0;
  /** What it is taken to be until something else is seen; two values when it may be either. */
  #now: Extremes | undefined;

  constructor(watch: Watch) {
    this.watch = watch;
    this.#spanMs = watch.withinMs / SPANS;
  }

  /** `certain` false: it may have become this, or still be what it was. */
  saw(raw: Raw, certain: boolean, nowMs: number): void {
    this.#advance(nowMs);
    this.#now =
      certain || this.#now === undefined ? { least: raw, most: raw } : union(this.#now, { least: raw, most: raw });
    this.#include(raw, raw);
  }

  /** What another track has seen, as if it had been seen now. */
  inherit(before: Extremes, nowMs: number): void {
    this.#advance(nowMs);
    this.#now = this.#now === undefined ? before : union(this.#now, before);
    this.#include(before.least, before.most);
  }

  /** `withinMs` is at most the watch's own. */
  extremes(nowMs: number, withinMs: number): Extremes | undefined {
    this.#advance(nowMs);
    let whole: Extremes | undefined;
    const oldest = Math.max(0, this.#span - Math.min(SPANS, Math.ceil(withinMs / this.#spanMs)));
    for (let span = oldest; span <= this.#span; span += 1) {
      const least = this.#least[span % (SPANS + 1)];
      const most = this.#most[span % (SPANS + 1)];
      if (least === undefined || most === undefined) continue;
      whole = whole === undefined ? { least, most } : union(whole, { least, most });
    }
    return whole;
  }

  #include(least: Raw, most: Raw): void {
    const at = this.#span % (SPANS + 1);
    const lowest = this.#least[at];
    const highest = this.#most[at];
    this.#least[at] = lowest === undefined ? least : lesser(lowest, least);
    this.#most[at] = highest === undefined ? most : greater(highest, most);
  }

  /** Through every span that has begun since, the point was what it was last. */
  #advance(nowMs: number): void {
    const span = Math.floor(nowMs / this.#spanMs);
    const first = Math.max(this.#span + 1, span - SPANS);
    for (let next = first; next <= span; next += 1) {
      const at = next % (SPANS + 1);
      this.#least[at] = this.#now?.least;
      this.#most[at] = this.#now?.most;
    }
    this.#span = Math.max(span, this.#span);
  }
}

function union(one: Extremes, other: Extremes): Extremes {
  return { least: lesser(one.least, other.least), most: greater(one.most, other.most) };
}

/** Raw values of 64 bits are bigints: `Math.min` takes none. */
function lesser(one: Raw, other: Raw): Raw {
  if (other < one) return other;
  return one;
}

function greater(one: Raw, other: Raw): Raw {
  if (other > one) return other;
  return one;
}

/**
 * How the points moved that slew limits are about, as far as the line has seen it: what was read, what was written,
 * and what may have been written. Coarse on the safe side: what is remembered goes back at least as far as asked.
 */
export class Movement {
  #byDevice = new Map<string, readonly Track[]>();

  /**
   * Follows these points from now on. Those that were followed before keep what was seen of them; a point that is new
   * begins with the last value that is known of it.
   */
  follow(watches: readonly Watch[], last: (device: string) => LastValues | undefined, nowMs: number): void {
    const before = this.#byDevice;
    const after = new Map<string, Track[]>();
    for (const watch of watches) {
      const tracks = after.get(watch.device) ?? [];
      after.set(watch.device, tracks);
      if (tracks.some((track) => sameWatch(track.watch, watch))) continue;
      const known = (before.get(watch.device) ?? []).filter((track) => samePoint(track.watch, watch));
      const same = known.find((track) => sameWatch(track.watch, watch));
      tracks.push(same ?? begun(watch, known, last(watch.device), nowMs));
    }
    this.#byDevice = after;
  }

  /** A transaction was answered: what it read and wrote stands in `values`. */
  seen(device: string, accesses: readonly Access[], values: LastValues, nowMs: number): void {
    const tracks = this.#byDevice.get(device);
    if (tracks === undefined) return;
    for (const access of accesses) {
      for (const track of tracks) {
        if (!holds(access, track.watch)) continue;
        const raw = knownRaw(track.watch, values);
        if (raw !== undefined) track.saw(raw, true, nowMs);
      }
    }
  }

  /** It was sent, and whether the device has done it is not known: each point may be what was written. */
  attempted(device: string, accesses: readonly Access[], nowMs: number): void {
    const tracks = this.#byDevice.get(device);
    if (tracks === undefined) return;
    for (const access of accesses) {
      const { values, address, write } = access;
      if (!write || values === undefined) continue;
      for (const track of tracks) {
        if (!holds(access, track.watch)) continue;
        const from = track.watch.address - address;
        const raw = track.watch.raw(values.slice(from, from + track.watch.quantity));
        if (raw !== undefined) track.saw(raw, false, nowMs);
      }
    }
  }

  /** Of several points that begin there, what any of them was: more than one of them was, never less. */
  extremes(device: string, table: Table, address: number, withinMs: number, nowMs: number): Extremes | undefined {
    let whole: Extremes | undefined;
    for (const track of this.#byDevice.get(device) ?? []) {
      const { watch } = track;
      if (watch.table !== table || watch.address !== address || watch.withinMs < withinMs) continue;
      const extremes = track.extremes(nowMs, withinMs);
      if (extremes !== undefined) whole = whole === undefined ? extremes : union(whole, extremes);
    }
    return whole;
  }
}

function begun(watch: Watch, known: readonly Track[], last: LastValues | undefined, nowMs: number): Track {
  const track = new Track(watch);
  for (const { extremes } of known.map((one) => ({ extremes: one.extremes(nowMs, one.watch.withinMs) }))) {
    if (extremes !== undefined) track.inherit(extremes, nowMs);
  }
  const raw = last === undefined ? undefined : knownRaw(watch, last);
  if (raw !== undefined) track.saw(raw, true, nowMs);
  return track;
}

function samePoint(one: Watch, other: Watch): boolean {
  return one.table === other.table && one.address === other.address && one.quantity === other.quantity;
}

function sameWatch(one: Watch, other: Watch): boolean {
  return samePoint(one, other) && one.withinMs === other.withinMs;
}

/** A part of a point says nothing: its other registers may be of another moment. */
function holds({ table, address, quantity }: Access, watch: Watch): boolean {
  return table === watch.table && address <= watch.address && address + quantity >= watch.address + watch.quantity;
}

function knownRaw(watch: Watch, values: LastValues): Raw | undefined {
  const registers: number[] = [];
  for (let at = watch.address; at < watch.address + watch.quantity; at += 1) {
    const value = values.get(watch.table, at);
    if (value === undefined) return undefined;
    registers.push(value);
  }
  return watch.raw(registers);
}
