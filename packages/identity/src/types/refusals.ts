import type { RefusalReason } from "../events.ts";
import type { IdentityDetails } from "./identities.ts";
import type { KeyDetails } from "./keys.ts";

/** One refusal as the registry keeps it. Times are ISO 8601. */
export interface RefusalListing {
  readonly edge: number;
  readonly time: string;
  readonly reason: RefusalReason;
  /** What the refused one was given. */
  readonly correlation: string | null;
  readonly source: string | null;
  /** The registration key's id, where the refused one named a key that exists. */
  readonly key: string | null;
  /** Of the certificate that was shown, where it was about one. */
  readonly fingerprint: string | null;
  /** The name that was asked for, or the identity that was refused. */
  readonly name: string | null;
  /** What else the request said: `serial`, `role`, `clockOffSeconds`, and what was wrong with it as `problem`. */
  readonly said: Readonly<Record<string, string | number>>;
}

/** A refusal with everything that is known about it now. */
export interface RefusalExplanation extends RefusalListing {
  /** What happened, one sentence. */
  readonly what: string;
  /** What to do now, with the command. */
  readonly next: string;
  /** The page about this reason, from the top of the repository. */
  readonly page: string;
  readonly keyNow: KeyDetails | null;
  readonly identityNow: IdentityDetails | null;
}

export interface RefusalQuery {
  /** 1 to 1,000; default 100. The newest come first. */
  readonly limit?: number;
  /** Only those of one registration key. */
  readonly key?: string;
  /** Only those of one identity or name. */
  readonly name?: string;
}
