import { hostOf } from "./names.ts";

export interface ThrottleOptions {
  /** How many refusals a source may cause at once. */
  readonly burst: number;
  /** How many it gains per minute. */
  readonly perMinute: number;
  /** How many sources are remembered. */
  readonly sources: number;
}

interface Bucket {
  tokens: number;
  at: number;
  /** The code under which the emptiness has been reported since the last token. */
  reported: string | undefined;
}

/** What a source may still do. Every refusal of one spell has the code of its one report: it leads somewhere. */
export type ThrottleVerdict =
  | { readonly allowed: true }
  | { readonly allowed: false; readonly first: boolean; readonly correlation: string };

/**
 * One token bucket per source of refused keys. A refusal costs a token whatever its reason, so that the moment of
 * throttling tells nothing about the key; what succeeds costs none. Bounded: the source unseen for longest is
 * forgotten first.
 */
export class RefusalThrottle {
  readonly #options: ThrottleOptions;
  readonly #buckets: Map<string, Bucket> = new Map();

  constructor(options: ThrottleOptions) {
    this.#options = options;
  }

  /** Asks before a key is looked at. `nowMs` is milliseconds of any steady or wall clock. */
  ask(source: string, nowMs: number, newCode: () => string): ThrottleVerdict {
    const bucket = this.#buckets.get(hostOf(source));
    if (bucket === undefined) return { allowed: true };
    this.#refill(bucket, nowMs);
    if (bucket.tokens >= 1) return { allowed: true };
    const first = bucket.reported === undefined;
    const correlation = bucket.reported ?? newCode();
    bucket.reported = correlation;
    return { allowed: false, first, correlation };
  }

  /** Takes the token of one refusal. */
  refused(source: string, nowMs: number): void {
    const key = hostOf(source);
    const bucket = this.#buckets.get(key) ?? { tokens: this.#options.burst, at: nowMs, reported: undefined };
    this.#refill(bucket, nowMs);
    bucket.tokens = Math.max(0, bucket.tokens - 1);
    // Re-inserted behind the others: a Map keeps the order of insertion, so the first is the one unseen for longest.
    this.#buckets.delete(key);
    this.#buckets.set(key, bucket);
    if (this.#buckets.size > this.#options.sources) {
      const oldest = this.#buckets.keys().next();
      if (oldest.done !== true) this.#buckets.delete(oldest.value);
    }
  }

  get size(): number {
    return this.#buckets.size;
  }

  #refill(bucket: Bucket, nowMs: number): void {
    const minutes = Math.max(0, nowMs - bucket.at) / 60_000;
    bucket.at = nowMs;
    bucket.tokens = Math.min(this.#options.burst, bucket.tokens + minutes * this.#options.perMinute);
    if (bucket.tokens >= 1) bucket.reported = undefined;
  }
}
