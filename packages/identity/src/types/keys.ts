import type { IdentityKind } from "../certificate/issue.ts";

export interface KeyOptions {
  readonly kind: IdentityKind;
  /** The ceiling: with one role that one is taken, of several the request names one. None: the NULL role. */
  readonly roles: readonly string[];
  /** How many enrolments; more than one needs `serials` or `approval: "manual"`. Default 1. */
  readonly uses?: number;
  /** Default 24 h. */
  readonly expiresInMs?: number;
  /** Serial numbers it is bound to; each enrols once. */
  readonly serials?: readonly string[];
  readonly approval?: "auto" | "manual";
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
}

/** `key` is shown once and kept nowhere. JSON of `key create`: expires as ISO 8601. */
export interface CreatedKey {
  readonly id: string;
  readonly key: string;
  readonly expires: string;
  readonly pin: string;
}

export interface KeyListing {
  readonly id: string;
  readonly kind: IdentityKind;
  readonly roles: readonly string[];
  readonly state: "open" | "used-up" | "expired" | "revoked";
  readonly uses: number;
  readonly used: number;
  readonly serials: readonly string[];
  readonly approval: "auto" | "manual";
  readonly created: string;
  readonly expires: string;
}
