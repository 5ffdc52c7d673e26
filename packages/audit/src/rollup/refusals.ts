import type { Location, Transaction } from "@modwarden/access";
import { serialiseRecord } from "../record/record.ts";
import { formatTime } from "../record/time.ts";
import { sourceHost } from "./source-host.ts";

const MINUTE_MS = 60_000;

interface Counted {
  readonly minute: number;
  readonly location: Location;
  /** Null in the one that counts for sources beyond the bound. */
  readonly source: string | null;
  readonly because: string;
  /** All of them, those recorded singly among them. */
  refused: number;
  /** Who asked what, of those that have no record of their own: the first few combinations. */
  readonly who: Map<string, Asked>;
}

interface Asked {
  readonly subject: string | null;
  readonly role: string | null;
  readonly function: number;
  readonly unit: number | null;
  count: number;
}

/** Combinations of subject, function and unit that one counted record tells apart; others are in its total only. */
const MAX_WHO = 16;

export interface RefusalRollupOptions {
  /** Refusals per source, reason and minute that have a record of their own. Default 20. */
  readonly single?: number;
  /** Sources and reasons counted at a time; what is beyond shares one count per reason. Default 1024. */
  readonly maxCounted?: number;
}

/** Refusals cannot become a weapon: beyond the first 20 per source address, reason and minute they are counted only. */
export class RefusalRollup {
  readonly #counted = new Map<string, Counted>();
  readonly #single: number;
  readonly #maxCounted: number;

  constructor(options?: RefusalRollupOptions) {
    this.#single = options?.single ?? 20;
    this.#maxCounted = options?.maxCounted ?? 1024;
  }

  /** True: this refusal gets a record of its own. False: it is counted. `nowMs` in milliseconds since 1970. */
  add(nowMs: number, transaction: Transaction): boolean {
    const minute = Math.floor(nowMs / MINUTE_MS);
    const { location, decision } = transaction;
    const counted = this.#find(minute, location, sourceHost(location.source), decision.because ?? "none");
    counted.refused++;
    if (counted.refused <= this.#single) return true;
    note(counted.who, transaction);
    return false;
  }

  /** The same for what is no transaction, such as a connection that was refused; `because` is the finding's rule. */
  addReason(nowMs: number, location: Location, because: string): boolean {
    const minute = Math.floor(nowMs / MINUTE_MS);
    const counted = this.#find(minute, location, sourceHost(location.source), because);
    counted.refused++;
    return counted.refused <= this.#single;
  }

  /** Bodies of the records of all minutes that are over; with `all` of the running one too, before a stop. */
  flush(nowMs: number, all?: boolean): string[] {
    const minute = Math.floor(nowMs / MINUTE_MS);
    const bodies: string[] = [];
    for (const [key, counted] of this.#counted) {
      if (counted.minute === minute && all !== true) continue;
      this.#counted.delete(key);
      const count = counted.refused - this.#single;
      if (count > 0) bodies.push(bodyOf(nowMs, counted, count));
    }
    return bodies;
  }

  #find(minute: number, location: Location, source: string, because: string): Counted {
    const key = `${minute} ${because} ${source}`;
    const found = this.#counted.get(key);
    if (found !== undefined) return found;
    if (this.#counted.size < this.#maxCounted)
      return this.#add(key, { minute, location, source, because, refused: 0, who: new Map() });
    const shared = `${minute} ${because}`;
    return (
      this.#counted.get(shared) ??
      this.#add(shared, { minute, location, source: null, because, refused: 0, who: new Map() })
    );
  }

  #add(key: string, counted: Counted): Counted {
    this.#counted.set(key, counted);
    return counted;
  }
}

function note(who: Map<string, Asked>, { subject, operation, accesses }: Transaction): void {
  const unit = accesses[0]?.unit ?? null;
  const key = `${operation.function} ${unit} ${subject.role ?? ""} ${subject.id ?? ""}`;
  const asked = who.get(key);
  if (asked !== undefined) asked.count++;
  else if (who.size < MAX_WHO) {
    who.set(key, { subject: subject.id, role: subject.role, function: operation.function, unit, count: 1 });
  }
}

function bodyOf(nowMs: number, { minute, location, source, because, who }: Counted, count: number): string {
  const { site, gateway, zone } = location;
  return serialiseRecord(formatTime(nowMs), "rollup", {
    of: "refusals",
    from: formatTime(minute * MINUTE_MS),
    to: formatTime(Math.min((minute + 1) * MINUTE_MS, nowMs)),
    location: { site, gateway, zone, source },
    because,
    count,
    who: who.size === 0 ? undefined : [...who.values()].map((asked) => ({ ...asked })),
  });
}
