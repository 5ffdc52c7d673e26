import type { IdentityKind } from "../certificate/issue.ts";
import type { ImportEntry } from "../keys/import-file.ts";
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

/** What all keys of an import have in common; a line's own model, name, role and unit count before it. */
export type ImportOptions = Omit<KeyOptions, "uses" | "identity" | "unit" | "names" | "serials">;

export interface ImportedKeys {
  /** By which the keys of one import are known in lists. */
  readonly import: string;
  readonly tokens: number;
  readonly publicKeys: number;
}

/** A key that was found where it does not belong. */
export interface LeakReport {
  readonly key: string;
  /** Of a derived key: the serial number it was derived from. */
  readonly serial?: string;
  /** The address of whoever reports it. */
  readonly source: string;
}

export interface AuthenticityQuestion {
  readonly key: string;
  readonly serial?: string;
  /** The address of whoever asks. */
  readonly source: string;
}

export type Authenticity =
  | {
      readonly authentic: true;
      readonly key: string;
      readonly kind: IdentityKind;
      readonly model: string | null;
      readonly serial: string | null;
      readonly claims: Readonly<Record<string, string>>;
      /** Whether something enrolled by it already: a label that is new should not have been used. */
      readonly used: boolean;
    }
  | { readonly authentic: false; readonly correlation: string };

/** What is known of a serial number: an identity that has it, or a key that is bound to it. */
export interface SerialRecord {
  readonly identity: string | null;
  readonly state: string;
  readonly key: string | null;
  readonly model: string | null;
  readonly claims: Readonly<Record<string, string>>;
}

/** An offline key that was used more often than it may be. */
export interface LedgerConflict {
  readonly key: string;
  readonly uses: number;
  readonly used: number;
  /** Who enrolled by it here: suspended, or revoked where it was not active yet. */
  readonly suspended: readonly string[];
}

export interface LedgerImport {
  /** Which registry the ledger is of. */
  readonly origin: string;
  readonly keys: number;
  readonly conflicts: readonly LedgerConflict[];
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
  /** Keys that devices made themselves, all or none. Errors: ERR_KEY_FILE, ERR_KEY_OPTIONS, ERR_IDENTITY_TAKEN */
  import(entries: readonly ImportEntry[], options: ImportOptions): Promise<ImportedKeys>;
  /** Ends a key whose whole text was found somewhere; says nothing about it. Error: ERR_ENROLMENT_THROTTLED */
  reportLeak(report: LeakReport): Promise<void>;
  /** Whether a label is one of this site's. Error: ERR_ENROLMENT_THROTTLED */
  authenticity(question: AuthenticityQuestion): Promise<Authenticity>;
  /** For the administrator: what is known of a serial number. */
  bySerial(serial: string): Promise<readonly SerialRecord[]>;
  readonly ledger: {
    export(): Promise<string>;
    /** Error: ERR_KEY_FILE */
    import(text: string): Promise<LedgerImport>;
  };
}
