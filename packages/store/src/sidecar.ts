import { chmodSync, closeSync, openSync } from "node:fs";
import { DatabaseSync, type SQLInputValue, type StatementSync } from "node:sqlite";
import { pathToFileURL } from "node:url";
import { StoreError } from "./errors.ts";

/** What a column holds: text, a number, bytes, or null. */
export type Value = string | number | Uint8Array | null;

export interface SidecarOptions {
  /** Path of the database file; its folder must exist. Made with mode 0600. */
  readonly file: string;
  /** For a file that nobody writes, also on media that cannot be written. */
  readonly readOnly?: boolean;
}

export interface SidecarStatement<Row> {
  run(...values: readonly Value[]): void;
  get(...values: readonly Value[]): Row | undefined;
  all(...values: readonly Value[]): Row[];
}

/**
 * A database that can be thrown away and made again from something else, such as an index. It is used synchronously,
 * statement by statement, and may be written by several processes. What was committed survives the end of the process;
 * after the loss of power it is whole, and may be older. Errors of every call: ERR_STORE_DAMAGED, ERR_STORE_UNREADABLE
 */
export interface Sidecar {
  exec(sql: string): void;
  prepare<Row>(sql: string): SidecarStatement<Row>;
  /** All of `work` or nothing of it; nobody else writes meanwhile. */
  transaction<Result>(work: () => Result): Result;
  close(): void;
}

const BUSY_TIMEOUT_MS = 10_000;
const CACHE_KIB = 32_768;

/** Opens the file, or makes it. Errors: ERR_STORE_DAMAGED, ERR_STORE_UNREADABLE */
export function openSidecar({ file, readOnly = false }: SidecarOptions): Sidecar {
  const trying = tryingOn(file);
  const raw = trying(() => (readOnly ? openForReading(file) : openForWriting(file)));
  return {
    exec: (sql) => trying(() => raw.exec(sql)),
    prepare: <Row>(sql: string) =>
      prepared<Row>(
        trying(() => raw.prepare(sql)),
        trying,
      ),
    transaction(work) {
      trying(() => raw.exec("begin immediate"));
      try {
        const result = work();
        trying(() => raw.exec("commit"));
        return result;
      } catch (error) {
        // After some errors SQLite has rolled back by itself.
        if (raw.isTransaction) raw.exec("rollback");
        throw error;
      }
    },
    close: () => trying(() => raw.close()),
  };
}

function openForWriting(file: string): DatabaseSync {
  // SQLite gives -wal and -shm the mode of the main file, so that one has to be right before it is opened.
  closeSync(openSync(file, "a", 0o600));
  chmodSync(file, 0o600);
  return configured(
    new DatabaseSync(file, { timeout: BUSY_TIMEOUT_MS, defensive: true }),
    "pragma journal_mode = wal; pragma synchronous = normal",
  );
}

/** Nothing is locked and nothing is written beside it. https://sqlite.org/uri.html#uriimmutable */
function openForReading(file: string): DatabaseSync {
  const url = pathToFileURL(file);
  url.search = "?immutable=1";
  return configured(new DatabaseSync(url, { readOnly: true }), "pragma query_only = on");
}

function configured(raw: DatabaseSync, pragmas: string): DatabaseSync {
  try {
    // The first of them that reads the file finds out whether it is a database.
    raw.exec(`${pragmas}; pragma trusted_schema = off; pragma cache_size = -${CACHE_KIB}; pragma schema_version`);
    return raw;
  } catch (error) {
    raw.close();
    throw error;
  }
}

type Trying = <Result>(action: () => Result) => Result;

function prepared<Row>(statement: StatementSync, trying: Trying): SidecarStatement<Row> {
  return {
    run: (...values) => {
      trying(() => statement.run(...(values as SQLInputValue[])));
    },
    get: (...values) => trying(() => statement.get(...(values as SQLInputValue[])) as Row | undefined),
    all: (...values) => trying(() => statement.all(...(values as SQLInputValue[])) as Row[]),
  };
}

/** SQLITE_CORRUPT, SQLITE_FORMAT, SQLITE_NOTADB. https://sqlite.org/rescode.html */
const DAMAGED: ReadonlySet<number> = new Set([11, 24, 26]);

function tryingOn(file: string): Trying {
  return (action) => {
    try {
      return action();
    } catch (cause) {
      const why = cause instanceof Error ? cause.message : String(cause);
      const primary = cause instanceof Error && "errcode" in cause ? Number(cause.errcode) & 0xff : 0;
      throw DAMAGED.has(primary)
        ? new StoreError("ERR_STORE_DAMAGED", `${file} is damaged: ${why}`, { cause })
        : new StoreError("ERR_STORE_UNREADABLE", `${file} cannot be used as a database: ${why}`, { cause });
    }
  };
}
