import type { DatabaseSync, StatementSync } from "node:sqlite";

/** A statement that SQLite has compiled. */
export interface Prepared {
  readonly statement: StatementSync;
  /** Whether it gives rows. */
  readonly reader: boolean;
}

/** More than a program has statements, unless it puts values into their text. */
const KEPT = 256;

/**
 * Statements by their text: compiling one takes longer than running it. The one that was not used for longest is
 * forgotten first. A statement is used by one caller at a time, from its first row to its last.
 */
export class Statements {
  readonly #database: DatabaseSync;
  readonly #byText = new Map<string, Prepared>();

  constructor(database: DatabaseSync) {
    this.#database = database;
  }

  get(text: string): Prepared {
    const kept = this.#byText.get(text);
    const prepared = kept ?? this.compile(text);
    // A Map keeps the order of insertion.
    if (kept !== undefined) this.#byText.delete(text);
    else if (this.#byText.size >= KEPT) this.#byText.delete(this.#byText.keys().next().value!);
    this.#byText.set(text, prepared);
    return prepared;
  }

  /** One of the caller's own. */
  compile(text: string): Prepared {
    const statement = this.#database.prepare(text);
    return { statement, reader: statement.columns().length > 0 };
  }
}
