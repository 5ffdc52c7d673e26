import type { Observation } from "@modwarden/policy";
import { InvalidArgumentError } from "commander";

/** Which part of the past is taken. Shares are of the number of requests, in their order. */
export interface SliceOptions {
  readonly first?: number;
  readonly last?: number;
  readonly since?: number;
  readonly until?: number;
}

/** What of it was asked for, as a record of it has it: shares as numbers, times in RFC 3339. */
export function askedOf({ first, last, since, until }: SliceOptions): Readonly<Record<string, string | number>> {
  return {
    ...(first === undefined ? {} : { first }),
    ...(last === undefined ? {} : { last }),
    ...(since === undefined ? {} : { since: new Date(since).toISOString() }),
    ...(until === undefined ? {} : { until: new Date(until).toISOString() }),
  };
}

/** A share such as 70%, as a number from 0 to 1. For commander's option parsers. */
export function share(text: string): number {
  const match = /^(\d{1,3}(?:\.\d{1,6})?)%$/.exec(text);
  const percent = Number(match?.[1] ?? Number.NaN);
  if (!(percent > 0 && percent <= 100)) throw new InvalidArgumentError("A share such as 70% is wanted.");
  return percent / 100;
}

/** RFC 3339 as milliseconds since 1970; a date alone is its midnight, UTC. For commander's option parsers. */
export function instant(text: string): number {
  const form = /^\d{4}-\d\d-\d\d(?:[T ]\d\d:\d\d(?::\d\d(?:\.\d{1,6})?)?(?:Z|[+-]\d\d:\d\d))?$/;
  const ms = form.test(text) ? Date.parse(text) : Number.NaN;
  if (Number.isNaN(ms)) throw new InvalidArgumentError("A time such as 2026-11-21T09:14:03Z is wanted.");
  return ms;
}

/** That part of the requests. For a share they are gone through twice: once to count them. */
export function* slice(observations: () => Iterable<Observation>, options: SliceOptions): Generator<Observation> {
  const { first, last, since, until } = options;
  const within = ({ firstMs, lastMs }: Observation): boolean =>
    (since === undefined || lastMs >= since) && (until === undefined || firstMs < until);
  let total = 0;
  if (first !== undefined || last !== undefined) {
    for (const observation of observations()) if (within(observation)) total += observation.count;
  }
  const end = first === undefined ? Number.POSITIVE_INFINITY : Math.round(total * first);
  const begin = last === undefined ? 0 : total - Math.round(total * last);
  let before = 0;
  for (const observation of observations()) {
    if (!within(observation)) continue;
    // Equal reads that are rolled up stay together: they belong where the first of them does.
    if (before >= begin && before < end) yield observation;
    before += observation.count;
    if (before >= end) return;
  }
}
