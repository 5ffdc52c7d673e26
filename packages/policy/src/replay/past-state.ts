import type { Access, Table } from "@modwarden/access";
import type { Moment, Watch } from "../decide/moment.ts";
import type { Observation } from "../observation.ts";
import type { RateLimit } from "../rules/rule.ts";
import { Movement } from "./movement.ts";

/** Registers whose last value is kept; what was seen longest ago is dropped first, and is then not known. */
const MOST_REGISTERS = 500_000;
const MOST_BUCKETS = 100_000;

interface Bucket {
  tokens: number;
  atMs: number;
}

/** What of a decision rested on things that the past does not show. */
export interface Doubt {
  /** Something was not known, or too old; a gateway would have read it, or somebody would have approved. */
  missing: boolean;
  /** A slew limit looked further back than the past goes: a permit is in doubt. */
  unseen: boolean;
}

/** What the past shows of the plant: last values with their age, movements, and tokens by the times of requests. */
export class PastState {
  readonly #values = new Map<string, { readonly value: number; readonly atMs: number }>();
  readonly #movement: Movement;
  readonly #buckets = new Map<string, Bucket>();
  /** Ids of rules whose tokens cannot be counted. */
  readonly #uncounted: ReadonlySet<string>;

  constructor(watches: readonly Watch[], uncounted: ReadonlySet<string>) {
    this.#movement = new Movement(watches);
    this.#uncounted = uncounted;
  }

  /** What is known at a time. Notes in `doubt` what was asked and is not known. */
  at(nowMs: number, doubt: Doubt): Moment {
    return {
      known: (device, table, address) => {
        const known = this.#values.get(nameOf(device, table, address));
        if (known !== undefined) return { value: known.value, ageMs: Math.max(0, nowMs - known.atMs) };
        doubt.missing = true;
        return undefined;
      },
      extremes: (device, table, address, withinMs) => {
        const { extremes, isWhole } = this.#movement.extremes(nowMs, device, table, address, withinMs);
        if (!isWhole) doubt.unseen = true;
        return extremes;
      },
      hasToken: (rate, subject) => {
        if (!this.#uncounted.has(rate.rule)) return this.#bucket(rate, subject, nowMs).tokens >= 1;
        doubt.missing = true;
        return false;
      },
      approved: () => {
        doubt.missing = true;
        return false;
      },
    };
  }

  /** Whether registers are known, and no older than that. */
  isFresh(nowMs: number, device: string, table: Table, address: number, maxAgeMs: number): boolean {
    const known = this.#values.get(nameOf(device, table, address));
    return known !== undefined && nowMs - known.atMs <= maxAgeMs;
  }

  take(rate: RateLimit, subject: string, nowMs: number): void {
    if (!this.#uncounted.has(rate.rule)) this.#bucket(rate, subject, nowMs).tokens -= 1;
  }

  /** What the request showed, or changed: it is the past that is followed, whatever another policy would have done. */
  note({ question, permitted, outcome, values, firstMs }: Observation): void {
    if (!permitted || outcome === "exception") return;
    for (const access of question.accesses) {
      const { device, table } = access;
      if (device === null || table === null) continue;
      const isKnown = outcome === "answered" && access.mask === undefined;
      const seen = access.write ? access.values : isKnown ? values : undefined;
      if (access.write || seen !== undefined)
        this.#noteAccess(access, device, table, isKnown ? seen : undefined, firstMs);
    }
  }

  #noteAccess(access: Access, device: string, table: Table, seen: readonly number[] | undefined, atMs: number): void {
    for (let index = 0; index < access.quantity; index += 1) {
      const name = nameOf(device, table, access.address + index);
      const known = this.#values.get(name);
      const value = seen?.[index];
      // Reads that are rolled up are recorded after what was written in the same minute.
      if (!access.write && known !== undefined && known.atMs > atMs) continue;
      this.#values.delete(name);
      if (value !== undefined) this.#values.set(name, { value, atMs });
    }
    while (this.#values.size > MOST_REGISTERS) {
      const [oldest] = this.#values.keys();
      if (oldest === undefined) break;
      this.#values.delete(oldest);
    }
    const addresses = Array.from({ length: access.quantity }, (_, index) => access.address + index);
    const read = (address: number): number | undefined => this.#values.get(nameOf(device, table, address))?.value;
    this.#movement.note(atMs, device, table, addresses, read);
  }

  #bucket(rate: RateLimit, subject: string, nowMs: number): Bucket {
    const name = JSON.stringify([rate.rule, subject]);
    const known = this.#buckets.get(name);
    if (known !== undefined) {
      const gained = Math.max(0, nowMs - known.atMs) * rate.perMs;
      known.tokens = Math.min(rate.burst, known.tokens + gained);
      known.atMs = Math.max(known.atMs, nowMs);
      return known;
    }
    if (this.#buckets.size >= MOST_BUCKETS) this.#buckets.clear();
    const made = { tokens: rate.burst, atMs: nowMs };
    this.#buckets.set(name, made);
    return made;
  }
}

function nameOf(device: string, table: Table, address: number): string {
  return `${table} ${address} ${device}`;
}
