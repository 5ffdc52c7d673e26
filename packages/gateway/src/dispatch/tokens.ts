import type { RateLimit } from "@modwarden/policy";
import type { Counters } from "../counters.ts";

interface Bucket {
  tokens: number;
  filledMs: number;
  readonly rate: RateLimit;
}

/** Looking for buckets that are full again costs a walk over all of them. */
const SWEEP_EVERY_MS = 1_000;

/**
 * One bucket of tokens for each rule with a rate and each subject. They stand across policies, by the rule's id, so
 * that a new policy is no new burst. A full bucket is as good as none, which keeps the table small; when it is full of
 * others there is no token for who comes anew: unsure means no.
 */
export class Tokens {
  readonly #capacity: number;
  readonly #counters: Counters;
  readonly #byRule = new Map<string, Map<string, Bucket>>();
  #size = 0;
  #sweptMs = Number.NEGATIVE_INFINITY;

  constructor(capacity: number, counters: Counters) {
    this.#capacity = capacity;
    this.#counters = counters;
  }

  get size(): number {
    return this.#size;
  }

  has(rate: RateLimit, subject: string, nowMs: number): boolean {
    const bucket = this.#byRule.get(rate.rule)?.get(subject);
    if (bucket !== undefined) return filled(bucket, rate, nowMs) >= 1;
    if (this.#size >= this.#capacity) this.#sweep(nowMs);
    if (this.#size < this.#capacity) return true;
    this.#counters.refusedBuckets += 1;
    return false;
  }

  take(rate: RateLimit, subject: string, nowMs: number): void {
    let buckets = this.#byRule.get(rate.rule);
    const bucket = buckets?.get(subject);
    const tokens = bucket === undefined ? rate.burst : filled(bucket, rate, nowMs);
    if (buckets === undefined) {
      buckets = new Map();
      this.#byRule.set(rate.rule, buckets);
    }
    if (bucket === undefined) this.#size += 1;
    buckets.set(subject, { tokens: Math.max(0, tokens - 1), filledMs: nowMs, rate });
  }

  #sweep(nowMs: number): void {
    if (nowMs - this.#sweptMs < SWEEP_EVERY_MS) return;
    this.#sweptMs = nowMs;
    for (const [rule, buckets] of this.#byRule) {
      for (const [subject, bucket] of buckets) {
        if (filled(bucket, bucket.rate, nowMs) < bucket.rate.burst) continue;
        buckets.delete(subject);
        this.#size -= 1;
      }
      if (buckets.size === 0) this.#byRule.delete(rule);
    }
  }
}

/** What the bucket holds now. A rule that has another rate by now keeps what was used of the one before. */
function filled(bucket: Bucket, rate: RateLimit, nowMs: number): number {
  const gained = Math.max(0, nowMs - bucket.filledMs) * rate.perMs;
  return Math.min(rate.burst, bucket.tokens + gained);
}
