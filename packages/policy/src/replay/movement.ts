import type { Table } from "@modwarden/access";
import type { Extremes, Watch } from "../decide/moment.ts";

/** Values of one point that are kept at a time; older ones are dropped first, and are then not known. */
const MOST_SAMPLES = 10_000;

interface Sample {
  readonly raw: number | bigint;
  readonly atMs: number;
}

interface Track {
  readonly watch: Watch;
  samples: Sample[];
}

/** What the points of slew limits were, as far as the past shows it. */
export class Movement {
  /** By each register that is part of a point. */
  readonly #byRegister = new Map<string, Track[]>();

  constructor(watches: readonly Watch[]) {
    for (const watch of watches) {
      const track = { watch, samples: [] };
      for (let index = 0; index < watch.quantity; index += 1) {
        const name = nameOf(watch.device, watch.table, watch.address + index);
        this.#byRegister.set(name, [...(this.#byRegister.get(name) ?? []), track]);
      }
    }
  }

  /** Takes what the points of these registers now are; `read` gives the registers of the table that are known. */
  note(atMs: number, device: string, table: Table, addresses: Iterable<number>, read: Read): void {
    const touched = new Set<Track>();
    for (const address of addresses) {
      for (const track of this.#byRegister.get(nameOf(device, table, address)) ?? []) touched.add(track);
    }
    for (const track of touched) take(track, atMs, read);
  }

  /** `isWhole`: all of the span has been seen. */
  extremes(nowMs: number, device: string, table: Table, address: number, withinMs: number): Seen {
    const tracks = this.#byRegister.get(nameOf(device, table, address)) ?? [];
    const [track, another] = tracks.filter(({ watch }) => watch.address === address);
    const samples = track?.samples ?? [];
    const begins = samples.findLastIndex((sample) => sample.atMs <= nowMs - withinMs);
    // A register and a point that begins with it are two things at one address, and it is not said which is meant.
    const isWhole = begins >= 0 && another === undefined;
    let extremes: Extremes | undefined;
    for (const { raw } of samples.slice(Math.max(0, begins))) {
      extremes = {
        least: extremes === undefined || raw < extremes.least ? raw : extremes.least,
        most: extremes === undefined || raw > extremes.most ? raw : extremes.most,
      };
    }
    return { extremes, isWhole };
  }
}

type Read = (address: number) => number | undefined;

interface Seen {
  readonly extremes: Extremes | undefined;
  readonly isWhole: boolean;
}

function take(track: Track, atMs: number, read: Read): void {
  const { watch } = track;
  const registers = Array.from({ length: watch.quantity }, (_, index) => read(watch.address + index));
  const raw = registers.every((register) => register !== undefined) ? watch.raw(registers) : undefined;
  // Where nobody knows what became of it, the span has to be seen anew.
  if (raw === undefined) track.samples = [];
  else track.samples.push({ raw, atMs });
  // The value that stood at the beginning of the span belongs to it.
  const begins = track.samples.findLastIndex((sample) => sample.atMs <= atMs - watch.withinMs);
  const drop = Math.max(begins, track.samples.length - MOST_SAMPLES);
  if (drop > 0) track.samples = track.samples.slice(drop);
}

function nameOf(device: string, table: Table, address: number): string {
  return `${table} ${address} ${device}`;
}
