import { createHmac, timingSafeEqual } from "node:crypto";
import type { Kysely } from "kysely";
import type { Authority } from "./authority/authority.ts";
import { encodeCrockford } from "./crockford.ts";
import type { IdentityEvent } from "./events.ts";
import type { RandomSource } from "./registration-key.ts";
import type { Registry } from "./registry/schema.ts";
import type { RefusalThrottle } from "./throttle.ts";

/** An event before its time is put on. */
type EventDraft = Omit<IdentityEvent, "at">;

/** What the parts of the service share. */
export interface Context {
  readonly database: Kysely<Registry>;
  readonly authority: Authority;
  /** Secrets are stored as HMAC under this; it stands in a file of its own. */
  readonly pepper: Uint8Array;
  readonly throttle: RefusalThrottle;
  readonly random: RandomSource;
  now(): Date;
  /** After a committed change: brings the snapshot up to date, then reports. */
  changed(...events: readonly EventDraft[]): Promise<void>;
  /** Reports what changed nothing. */
  report(event: EventDraft): void;
}

export const DAY_MS: number = 24 * 3_600_000;
/** Field devices are switched off for weeks: a shorter certificate would lock them out. */
export const LEAF_LIFETIME_MS: number = 90 * DAY_MS;
export const CONFIRM_WITHIN_MS = 600_000;

export function hmacOf(pepper: Uint8Array, secret: string): Buffer {
  return createHmac("sha256", pepper).update(secret).digest();
}

/** Compares in constant time; a stored value that is missing or not 32 bytes is never equal, and takes as long. */
export function hmacEquals(pepper: Uint8Array, secret: string, storedHex: string | null | undefined): boolean {
  const stored = Buffer.from(storedHex ?? "", "hex");
  const there = stored.length === 32;
  return timingSafeEqual(hmacOf(pepper, secret), there ? stored : Buffer.alloc(32)) && there;
}

/** Eight characters that lead from a refusal on site to its reason in the audit log. */
export function correlationCode(random: RandomSource): string {
  return encodeCrockford(random(5));
}

export function iso(ms: number): string {
  return new Date(ms).toISOString();
}
