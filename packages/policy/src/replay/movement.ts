import type { Table } from "@modwarden/access";
import type { Extremes, Watch } from "../decide/moment.ts";

/** Values of one point that are kept at a time; older ones are dropped first, and are then not known. */
const MOST_SAMPLES = 10_000;

interface Sample {
  readonly raw: number | bigint;
  readonly atMs: number;
}

/** What the points of slew limits were, as far as the past shows it. */
export class Movement {
  readonly #watches = new Map<string, { readonly watch: Watch; samples: Sample[] }>();

  constructor(watches: readonly Watch[]) {
    for (const watch of watches) {
      const name = nameOf(watch.device, watch.table, watch.address);
      const known = this.#watches.get(name);
      if (known !== undefined && known.watch.withinMs >= watch.withinMs) continue;
      this.#watches.set(name, { watch, samples: [] });
    }
  }

  /** Takes what the points now are; `read` gives registers that are known. */
  note(
    atMs: number,
    device: string,
    touches: (watch: Watch) => boolean,
    read: (address: number) => number | undefined,
  ): void {
    for (const kept of this.#watches.values()) {
      const { watch } = kept;
      if (watch.device !== device || !touches(watch)) continue;
      const registers = Array.from({ length: watch.quantity }, (_, index) => read(watch.address + index));
      const raw = registers.every((register) => register !== undefined) ? watch.raw(registers) : undefined;
      if (raw === undefined) continue;
      kept.samples.push({ raw, atMs });
      // The value that stood at the beginning of the span belongs to it.
      const begins = kept.samples.findLastIndex((sample) => sample.atMs <= atMs - watch.withinMs);
      const drop = Math.max(begins, kept.samples.length - MOST_SAMPLES);
      if (drop > 0) kept.samples = kept.samples.slice(drop);
    }
  }

  /** `isWhole`: all of the span has been seen. */
  extremes(
    nowMs: number,
    device: string,
    table: Table,
    address: number,
    withinMs: number,
  ): { readonly extremes: Extremes | undefined; readonly isWhole: boolean } {
    const kept = this.#watches.get(nameOf(device, table, address));
    if (kept === undefined) return { extremes: undefined, isWhole: false };
    const begins = kept.samples.findLastIndex((sample) => sample.atMs <= nowMs - withinMs);
    const within = kept.samples.slice(Math.max(0, begins));
    const isWhole = begins >= 0;
    const [first] = within;
    if (first === undefined) return { extremes: undefined, isWhole: false };
    let least = first.raw;
    let most = first.raw;
    for (const { raw } of within) {
      if (raw < least) least = raw;
      if (raw > most) most = raw;
    }
    return { extremes: { least, most }, isWhole };
  }
}

function nameOf(device: string, table: Table, address: number): string {
  return `${table} ${address} ${device}`;
}
