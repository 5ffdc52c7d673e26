import type { SiteOption } from "../site/site-option.ts";

/** One row of `identity list`. */
export interface Listed {
  readonly id: string;
  readonly kind: string;
  readonly role: string | null;
  readonly state: string;
  readonly serial: string | null;
  readonly fingerprint: string | null;
  readonly expires: string | null;
  readonly tags: readonly string[];
}

export interface JsonOption extends SiteOption {
  readonly json?: true;
}
