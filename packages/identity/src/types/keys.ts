import type { IdentityKind } from "../certificate/issue.ts";
import type { KeyForm } from "../keys/options.ts";
import type { KeyState } from "../keys/state.ts";
import type { RefusalListing } from "./refusals.ts";

/** auto: the key suffices · manual: a person has to say yes · two: two different people have to. */
export type KeyApproval = "auto" | "manual" | "two";

export interface KeyOptions {
  readonly kind: IdentityKind;
  /** The ceiling: with one role that one is taken, of several the request names one. None: the NULL role. */
  readonly roles: readonly string[];
  /** How many enrolments; more than one needs `serials` or approval by people. Default 1. */
  readonly uses?: number;
  /** Default 24 h. */
  readonly expiresInMs?: number;
  /** Serial numbers it is bound to; each enrols once. */
  readonly serials?: readonly string[];
  readonly approval?: KeyApproval;
  /**
   * Host names and addresses of a gateway or device that serves; without them its certificate is a client's. Only
   * from here: a name that the one who enrols could choose would let it pass for another server.
   */
  readonly names?: readonly string[];
  readonly model?: string;
  /** Warranty, batch and the like; kept with what enrols. */
  readonly claims?: Readonly<Record<string, string>>;
  /** Networks it may be used from (CIDR); none: from everywhere. */
  readonly sources?: readonly string[];
  /** Default 90 days. */
  readonly certificateLifetimeMs?: number;
  /** The one id that may be registered with it; it stands in the registry from now on. */
  readonly identity?: string;
  /** The unit that it gets, 1-247. */
  readonly unit?: number;
  /** For people. */
  readonly note?: string;
}

/** Many keys of one kind at once: so many, or one bound to each serial number. */
export type ManyKeys = { readonly count: number } | { readonly serials: readonly string[] };

/** `key` is shown once and kept nowhere. JSON of `key create`: expires as ISO 8601. */
export interface CreatedKey {
  readonly id: string;
  readonly key: string;
  readonly expires: string;
  readonly pin: string;
  /** The one it is bound to, where many were made by serial number. */
  readonly serial?: string;
}

export interface KeyListOptions {
  /** Default and most: 1000, the newest. */
  readonly limit?: number;
  readonly form?: KeyForm;
}

export interface KeyListing {
  readonly id: string;
  readonly kind: IdentityKind;
  readonly roles: readonly string[];
  readonly state: KeyState;
  readonly uses: number;
  readonly used: number;
  /** The first 100. */
  readonly serials: readonly string[];
  readonly approval: KeyApproval;
  readonly created: string;
  readonly expires: string;
  readonly form: KeyForm;
  /** The id that is kept for it. */
  readonly name: string | null;
  readonly unit: number | null;
  readonly model: string | null;
  readonly note: string | null;
  /** Why it was revoked, where nobody did so by its id. */
  readonly reason: string | null;
  /** Of one made to hold for longer than 30 days: how many are left, in the last 30. */
  readonly expiresInDays: number | null;
}

export interface KeyDetails extends KeyListing {
  readonly names: readonly string[];
  readonly claims: Readonly<Record<string, string>>;
  readonly sources: readonly string[];
  readonly certificateLifetimeMs: number;
  readonly issuer: string | null;
  /** SHA-256 of the device's SubjectPublicKeyInfo, hex. */
  readonly publicKey: string | null;
  readonly revoked: string | null;
  /** What enrolled by it. */
  readonly identities: readonly { readonly id: string; readonly state: string }[];
  /** The newest twenty with it, the newest first. */
  readonly refusals: readonly RefusalListing[];
  /** The newest twenty events but refusals, the newest first. */
  readonly history: readonly {
    readonly time: string;
    readonly event: string;
    readonly id: string | null;
    readonly source: string | null;
  }[];
}
