import { type AskedText, type Observation, questionFor } from "../index.ts";
import { devices } from "./site.ts";

/** 2026-11-21 12:00:00 UTC, and seconds after it. */
const NOON = Date.UTC(2026, 10, 21, 12);

/** A request of the past on the test site, permitted and answered unless told otherwise. */
export function seen(asked: AskedText, change: Partial<Observation> & { readonly second?: number } = {}): Observation {
  const { second = 0, ...rest } = change;
  const atMs = NOON + second * 1000;
  return {
    question: questionFor(asked, devices),
    ...{ firstMs: atMs, lastMs: atMs, count: 1, permitted: true, outcome: "answered" },
    ...rest,
  };
}
