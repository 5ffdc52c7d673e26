import { createHmac, timingSafeEqual } from "node:crypto";
import type { Kysely } from "kysely";
import type { Authority } from "./authority/authority.ts";
import type { RevocationLists } from "./authority/lists.ts";
import { encodeCrockford } from "./crockford.ts";
import type { QuietTime } from "./enrolment/quiet-time.ts";
import type { EventDraft } from "./events.ts";
import type { ExternalAuthority } from "./external/authority.ts";
import type { Keyring } from "./keys/keyring.ts";
import type { RandomSource } from "./registration-key.ts";
import type { Registry } from "./registry/schema.ts";
import type { RefusalThrottle } from "./throttle.ts";
import type { SiteFacts } from "./types/site.ts";

/** What the parts of the service share. */
export interface Context {
  readonly database: Kysely<Registry>;
  readonly authority: Authority;
  /** The company's authority that issues leaves in place of our own; undefined where our own does. */
  readonly external: ExternalAuthority | undefined;
  readonly lists: RevocationLists;
  /** Secrets are stored as HMAC under this; it stands in a file of its own. */
  readonly pepper: Uint8Array;
  /** What proves keys that the registry has no secret of. */
  readonly keyring: Keyring;
  readonly throttle: RefusalThrottle;
  readonly random: RandomSource;
  readonly quiet: QuietTime;
  readonly site: SiteFacts;
  now(): Date;
  /** Writes one event in the caller's transaction: the change and what tells of it are on disk together or not at all. */
  edge(transaction: Kysely<Registry>, event: EventDraft): Promise<void>;
  /**
   * After the commit: the snapshot knows the change, and the audit log has its events (unless it is out of order: then
   * they wait in the registry).
   */
  committed(): Promise<void>;
  /** Writes an event that changes nothing; many at once share one write. */
  refusal(event: EventDraft): Promise<void>;
}

export const DAY_MS: number = 24 * 3_600_000;
/** Field devices are switched off for weeks: a shorter certificate would lock them out. */
export const LEAF_LIFETIME_MS: number = 90 * DAY_MS;
/** How often one may come back after its certificate has ended, before a person has to look. */
export const RECOVERY_LIMIT = 3;
export const CONFIRM_WITHIN_MS = 600_000;
/** Whoever has not been approved by then is not waited for. */
export const APPROVE_WITHIN_MS: number = 7 * DAY_MS;

/** A registry that belongs to no site, as in a test or a tool. */
export const NO_SITE: SiteFacts = {
  site: "site",
  gateway: "gateway",
  policy: () => ({ version: 1, hash: "" }),
  url: () => undefined,
  reach: () => [],
  approvers: [],
  installers: [],
};

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
