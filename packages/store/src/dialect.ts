import type { DatabaseSync, SQLInputValue } from "node:sqlite";
import { type Dialect, type SqliteDatabase, SqliteDialect } from "kysely";
import { Statements } from "./statements.ts";

/**
 * Kysely's SQLite dialect speaks to better-sqlite3's interface; this gives `node:sqlite` that face.
 *
 * Transactions begin immediately: a transaction that first reads and then writes would otherwise fail half-way
 * when another process wrote in between, instead of waiting at its start. `onCommit` is called after every commit.
 */
export function sqliteDialect(database: DatabaseSync, onCommit: () => void): Dialect {
  const statements = new Statements(database);
  const done = (text: string): void => {
    if (!database.isTransaction && CHANGES.test(text)) onCommit();
  };
  const face: SqliteDatabase = {
    close: () => database.close(),
    prepare(text) {
      // After some errors (a full disk) SQLite has rolled back by itself. A second time would be an error of its own,
      // and would hide the first one.
      if (text === "rollback" && !database.isTransaction) return NOTHING;
      const { statement, reader } = statements.get(text === "begin" ? "begin immediate" : text);
      return {
        reader,
        all(parameters) {
          const rows = statement.all(...parameters.map(toInput));
          done(text);
          return rows;
        },
        run(parameters) {
          const result = statement.run(...parameters.map(toInput));
          done(text);
          return result;
        },
        // Rows that are fetched one by one leave room for the same statement in between.
        iterate: (parameters) => statements.compile(text).statement.iterate(...parameters.map(toInput)),
      };
    },
  };
  return new SqliteDialect({ database: face });
}

/** What changes something when it is no part of a transaction, or ends one. */
const CHANGES = /^\s*(?!select\b|pragma\b|begin\b|rollback\b|explain\b)/i;

const NOTHING: ReturnType<SqliteDatabase["prepare"]> = {
  reader: false,
  all: () => [],
  run: () => ({ changes: 0, lastInsertRowid: 0 }),
  iterate: () => [][Symbol.iterator](),
};

function toInput(value: unknown): SQLInputValue {
  if (value === null || typeof value === "string" || typeof value === "number" || typeof value === "bigint") {
    return value;
  }
  if (value instanceof Uint8Array) return value;
  throw new TypeError(`a ${typeof value} cannot be stored: give text, a number, bytes or null`);
}
