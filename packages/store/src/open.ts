import { chmodSync, closeSync, openSync } from "node:fs";
import { DatabaseSync } from "node:sqlite";
import { Kysely } from "kysely";
import { sqliteDialect } from "./dialect.ts";
import { Durability } from "./durability.ts";
import { StoreError } from "./errors.ts";
import { type Migration, migrate } from "./migrate.ts";
import { WriteAheadLog } from "./write-ahead-log.ts";

export interface OpenOptions {
  /** Path of the database file; its folder must exist. Made with mode 0600. */
  readonly file: string;
  /** The whole schema, oldest step first. */
  readonly migrations: readonly Migration[];
}

/** How long a statement waits for another process's transaction. */
const BUSY_TIMEOUT_MS = 5000;

/** What stands behind a database that was opened here. */
const opened = new WeakMap<object, { readonly durability: Durability; readonly log: WriteAheadLog }>();

/**
 * Opens (or makes) a database and brings it to the newest schema. What a transaction committed survives the end of the
 * process; it survives the loss of power once `durable` has resolved, which nobody may be told before. Times are stored
 * as whole milliseconds, truth values as 0 and 1. Errors: StoreError. End it with `closeDatabase`.
 */
export async function openDatabase<Schema>(options: OpenOptions): Promise<Kysely<Schema>> {
  const raw = openFile(options.file);
  const log = new WriteAheadLog(options.file);
  const durability = new Durability(() => log.sync());
  const database = new Kysely<Schema>({ dialect: sqliteDialect(raw, () => durability.committed()) });
  opened.set(database, { durability, log });
  try {
    await migrate(database, options.file, options.migrations);
    await durability.settled();
    return database;
  } catch (error) {
    await closeDatabase(database);
    if (raw.isOpen) raw.close();
    throw error instanceof StoreError ? error : unreadable(options.file, error);
  }
}

/** Ends every statement and closes the file. */
export async function closeDatabase<Schema>(database: Kysely<Schema>): Promise<void> {
  const behind = opened.get(database);
  await behind?.durability.close();
  await behind?.log.close();
  await database.destroy();
}

/**
 * Resolves when what was committed before the call survives the loss of power. Many at once share one sync, which is
 * not this thread's. Error: ERR_STORE_NOT_DURABLE
 */
export async function durable<Schema>(database: Kysely<Schema>): Promise<void> {
  const behind = opened.get(database);
  if (behind === undefined) throw new Error("the database was not opened here");
  await behind.durability.settled();
}

function openFile(file: string): DatabaseSync {
  let raw: DatabaseSync | undefined;
  try {
    // SQLite gives -wal and -shm the mode of the main file, so that one has to be right before it is opened.
    closeSync(openSync(file, "a", 0o600));
    chmodSync(file, 0o600);
    raw = new DatabaseSync(file, { timeout: BUSY_TIMEOUT_MS, enableForeignKeyConstraints: true, defensive: true });
    raw.exec("pragma journal_mode = wal; pragma synchronous = normal; pragma trusted_schema = off");
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
