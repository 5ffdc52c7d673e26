import type { Location, Subject, Transaction } from "@modwarden/access";
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
  single: number;
  /** Who asked what, of those that have no record of their own: the first few combinations. */
  readonly who: Map<string, Asked>;
  /** Counted last, and whose it was. */
  asked: Asked | undefined;
  askedBy: Subject | undefined;
  /** It is over, and on record. */
  closed: boolean;
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
  /** Records of their own that all sources together may have in a minute. Default: as many as each may. */
  readonly maxSingle?: number;
  /** Sources and reasons counted at a time; what is beyond shares one count per reason. Default 1024. */
  readonly maxCounted?: number;
}

/** Refusals cannot become a weapon: beyond the first 20 per source address, reason and minute they are counted only. */
export class RefusalRollup {
  readonly #counted = new Map<string, Counted>();
  readonly #single: number;
  readonly #maxSingle: number;
  readonly #maxCounted: number;
  /** Recorded singly in this minute. */
  #recorded = 0;
  #minute = 0;
  /** Counted last of a location: who is refused a lot is refused for the same thing again and again. */
  readonly #last = new WeakMap<Location, Counted>();

  constructor(options?: RefusalRollupOptions) {
    this.#single = options?.single ?? 20;
    this.#maxSingle = options?.maxSingle ?? Number.POSITIVE_INFINITY;
    this.#maxCounted = options?.maxCounted ?? 1024;
  }

  /** True: this refusal gets a record of its own. False: it is counted. `nowMs` in milliseconds since 1970. */
  add(nowMs: number, transaction: Transaction): boolean {
    const minute = Math.floor(nowMs / MINUTE_MS);
    const { location, decision } = transaction;
    const counted = this.#find(minute, location, decision.because ?? "none");
    if (this.#counts(counted)) return true;
    note(counted, transaction);
    return false;
  }

  /** The same for what is no transaction, such as a connection that was refused; `because` is the finding's rule. */
  addReason(nowMs: number, location: Location, because: string): boolean {
    const minute = Math.floor(nowMs / MINUTE_MS);
    return this.#counts(this.#find(minute, location, because));
  }

  /** Bodies of the records of all minutes that are over; with `all` of the running one too, before a stop. */
  flush(nowMs: number, all?: boolean): string[] {
    const minute = Math.floor(nowMs / MINUTE_MS);
    const bodies: string[] = [];
    for (const [key, counted] of this.#counted) {
      if (counted.minute === minute && all !== true) continue;
      this.#counted.delete(key);
      counted.closed = true;
      const count = counted.refused - counted.single;
      if (count > 0) bodies.push(bodyOf(nowMs, counted, count));
    }
    return bodies;
  }

  /** Whether it has a record of its own. */
  #counts(counted: Counted): boolean {
    if (counted.minute !== this.#minute) {
      this.#minute = counted.minute;
      this.#recorded = 0;
    }
    counted.refused++;
    if (counted.single >= this.#single || this.#recorded >= this.#maxSingle) return false;
    counted.single++;
    this.#recorded++;
    return true;
  }

  #find(minute: number, location: Location, because: string): Counted {
    const last = this.#last.get(location);
    if (last !== undefined && last.minute === minute && last.because === because && !last.closed) return last;
    const found = this.#search(minute, location, sourceHost(location.source), because);
    this.#last.set(location, found);
    return found;
  }

  #search(minute: number, location: Location, source: string, because: string): Counted {
    const key = `${minute} ${because} ${source}`;
    const found = this.#counted.get(key);
    if (found !== undefined) return found;
    if (this.#counted.size < this.#maxCounted) return this.#add(key, minute, location, source, because);
    const shared = `${minute} ${because}`;
    return this.#counted.get(shared) ?? this.#add(shared, minute, location, null, because);
  }

  #add(key: string, minute: number, location: Location, source: string | null, because: string): Counted {
    const counted: Counted = {
      ...{ minute, location, source, because, refused: 0, single: 0, closed: false },
      ...{ who: new Map<string, Asked>(), asked: undefined, askedBy: undefined },
    };
    this.#counted.set(key, counted);
    return counted;
  }
}

function note(counted: Counted, { subject, operation, accesses }: Transaction): void {
  const { who, asked: last, askedBy } = counted;
  const unit = accesses[0]?.unit ?? null;
  if (last !== undefined && askedBy === subject && last.function === operation.function && last.unit === unit) {
    last.count++;
    return;
  }
  const key = `${operation.function} ${unit} ${subject.role ?? ""} ${subject.id ?? ""}`;
  let asked = who.get(key);
  if (asked === undefined) {
    if (who.size >= MAX_WHO) return;
    asked = { subject: subject.id, role: subject.role, function: operation.function, unit, count: 0 };
    who.set(key, asked);
  }
  asked.count++;
  counted.asked = asked;
  counted.askedBy = subject;
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
