export interface PaceOptions {
  /** How many steps at once. */
  readonly burst: number;
  readonly perMinute: number;
  /** How many persons are remembered. */
  readonly people: number;
}

interface Bucket {
  tokens: number;
  atMs: number;
  /** Its emptiness is on record since the last token. */
  told: boolean;
}

/** How fast one person may ask and say: every step is a record, and a good identity is no licence to fill the log. */
export class Pace {
  readonly #options: PaceOptions;
  readonly #buckets = new Map<string, Bucket>();

  constructor(options: PaceOptions) {
    this.#options = options;
  }

  /** Takes a token. "first": there was none, and this is the first time since there was one. */
  take(person: string, nowMs: number): "allowed" | "first" | "again" {
    const { burst, perMinute, people } = this.#options;
    const key = person.toLowerCase();
    const bucket = this.#buckets.get(key) ?? { tokens: burst, atMs: nowMs, told: false };
    const minutes = Math.max(0, nowMs - bucket.atMs) / 60_000;
    bucket.tokens = Math.min(burst, bucket.tokens + minutes * perMinute);
    bucket.atMs = nowMs;
    // Re-inserted behind the others: the first is the one unseen for longest.
    this.#buckets.delete(key);
    this.#buckets.set(key, bucket);
    const [oldest] = this.#buckets.keys();
    if (this.#buckets.size > people && oldest !== undefined) this.#buckets.delete(oldest);
    if (bucket.tokens < 1) {
      const verdict = bucket.told ? "again" : "first";
      bucket.told = true;
      return verdict;
    }
    bucket.tokens -= 1;
    bucket.told = false;
    return "allowed";
  }
}
