/** A closed set of causes. Callers branch on `code`, never on the sentence. */
export type StoreErrorCode =
  /** The file cannot be opened, or is no database. */
  | "ERR_STORE_UNREADABLE"
  /** What stands in the file is not what a database writes. */
  | "ERR_STORE_DAMAGED"
  /** The file was written by a later version of the program. */
  | "ERR_STORE_NEWER_SCHEMA"
  /** The file holds another program's or another room's tables. */
  | "ERR_STORE_FOREIGN_SCHEMA"
  /** A migration failed; nothing of it was kept. */
  | "ERR_STORE_MIGRATION"
  /** The disk did not take what was committed: nothing can be promised until the program is started again. */
  | "ERR_STORE_NOT_DURABLE";

export class StoreError extends Error {
  readonly code: StoreErrorCode;

  constructor(code: StoreErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = "StoreError";
    this.code = code;
  }
}
