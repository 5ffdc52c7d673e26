import { chmodSync, closeSync, openSync } from "node:fs";
import { DatabaseSync } from "node:sqlite";
import { Kysely } from "kysely";
import { sqliteDialect } from "./dialect.ts";
import { StoreError } from "./errors.ts";
import { type Migration, migrate } from "./migrate.ts";

export interface OpenOptions {
  /** Path of the database file; its folder must exist. Made with mode 0600. */
  readonly file: string;
  /** The whole schema, oldest step first. */
  readonly migrations: readonly Migration[];
}

/** How long a statement waits for another process's transaction. */
const BUSY_TIMEOUT_MS = 5000;

/**
 * Opens (or makes) a database and brings it to the newest schema. What a transaction committed survives the loss of
 * power: who was revoked stays revoked. Times are stored as whole milliseconds, truth values as 0 and 1.
 * Errors: StoreError. End it with `closeDatabase`.
 */
export async function openDatabase<Schema>(options: OpenOptions): Promise<Kysely<Schema>> {
  const raw = openFile(options.file);
  const database = new Kysely<Schema>({ dialect: sqliteDialect(raw) });
  try {
    await migrate(database, options.file, options.migrations);
    return database;
  } catch (error) {
    await database.destroy();
    if (raw.isOpen) raw.close();
    throw error instanceof StoreError ? error : unreadable(options.file, error);
  }
}

/** Ends every statement and closes the file. */
export async function closeDatabase<Schema>(database: Kysely<Schema>): Promise<void> {
  await database.destroy();
}

function openFile(file: string): DatabaseSync {
  let raw: DatabaseSync | undefined;
  try {
    // SQLite gives -wal and -shm the mode of the main file, so that one has to be right before it is opened.
    closeSync(openSync(file, "a", 0o600));
    chmodSync(file, 0o600);
    raw = new DatabaseSync(file, { timeout: BUSY_TIMEOUT_MS, enableForeignKeyConstraints: true, defensive: true });
    raw.exec("pragma journal_mode = wal; pragma synchronous = full; pragma trusted_schema = off");
    return raw;
  } catch (error) {
    raw?.close();
    throw unreadable(file, error);
  }
}

function unreadable(file: string, cause: unknown): StoreError {
  const why = cause instanceof Error ? cause.message : String(cause);
  return new StoreError("ERR_STORE_UNREADABLE", `${file} cannot be opened as a database: ${why}`, { cause });
}
