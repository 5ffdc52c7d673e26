import type { IdentityKind } from "../certificate/issue.ts";
import type { CreatedKey, KeyDetails, KeyListing, KeyListOptions, KeyOptions, ManyKeys } from "./keys.ts";

/** An issuer of offline keys and what it may give at most. */
export interface IssuerTrust {
  /** The text of its public file. */
  readonly file: string;
  readonly kinds: readonly IdentityKind[];
  readonly roles: readonly string[];
}

export interface IssuerListing {
  readonly id: string;
  readonly name: string;
  readonly state: "trusted" | "revoked";
  readonly kinds: readonly IdentityKind[];
  readonly roles: readonly string[];
  readonly created: string;
  readonly revoked: string | null;
}

/** Serial numbers: only those of the list, or all whose key proves them. Holds for a year unless said otherwise. */
export type BatchOptions = Omit<KeyOptions, "uses" | "identity" | "unit" | "names">;

export interface BatchListing {
  /** The id of all its keys. */
  readonly id: string;
  readonly name: string;
  readonly expires: string;
  readonly pin: string;
}

export interface DerivedKey {
  readonly id: string;
  readonly key: string;
  readonly serial: string;
}

export interface RegistrationKeys {
  /** Errors: ERR_KEY_OPTIONS, ERR_KEY_REUSABLE, ERR_IDENTITY_INVALID, ERR_IDENTITY_TAKEN */
  create(options: KeyOptions): Promise<CreatedKey>;
  /** All of them or none. Errors as `create` */
  createMany(options: KeyOptions, many: ManyKeys): Promise<readonly CreatedKey[]>;
  list(options?: KeyListOptions): Promise<readonly KeyListing[]>;
  count(options?: Pick<KeyListOptions, "form">): Promise<number>;
  /** Error: ERR_KEY_UNKNOWN */
  show(id: string): Promise<KeyDetails>;
  /** Error: ERR_KEY_UNKNOWN. A key revoked twice stays revoked. */
  revoke(id: string): Promise<void>;
  readonly issuers: {
    /** Errors: ERR_KEY_FILE, ERR_KEY_ISSUER, ERR_IDENTITY_INVALID */
    trust(trust: IssuerTrust): Promise<IssuerListing>;
    list(): Promise<readonly IssuerListing[]>;
    /** Error: ERR_KEY_ISSUER */
    revoke(id: string): Promise<IssuerListing>;
  };
  readonly batches: {
    /** Errors: ERR_KEY_OPTIONS, ERR_IDENTITY_INVALID */
    create(name: string, options: BatchOptions): Promise<BatchListing>;
    /** Errors: ERR_KEY_UNKNOWN, ERR_KEY_OPTIONS */
    derive(name: string, serials: readonly string[]): Promise<readonly DerivedKey[]>;
    /** The text of the batch file: a secret. Error: ERR_KEY_UNKNOWN */
    export(name: string): Promise<string>;
  };
}
