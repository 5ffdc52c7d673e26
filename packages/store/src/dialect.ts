import type { DatabaseSync, SQLInputValue } from "node:sqlite";
import { type Dialect, type SqliteDatabase, SqliteDialect } from "kysely";

/**
 * Kysely's SQLite dialect speaks to better-sqlite3's interface; this gives `node:sqlite` that face.
 *
 * Transactions begin immediately: a transaction that first reads and then writes would otherwise fail half-way
 * when another process wrote in between, instead of waiting at its start.
 */
export function sqliteDialect(database: DatabaseSync): Dialect {
  const face: SqliteDatabase = {
    close: () => database.close(),
    prepare(text) {
      // After some errors (a full disk) SQLite has rolled back by itself. A second time would be an error of its own,
      // and would hide the first one.
      if (text === "rollback" && !database.isTransaction) return NOTHING;
      const statement = database.prepare(text === "begin" ? "begin immediate" : text);
      return {
        reader: statement.columns().length > 0,
        all: (parameters) => statement.all(...parameters.map(toInput)),
        run: (parameters) => statement.run(...parameters.map(toInput)),
        iterate: (parameters) => statement.iterate(...parameters.map(toInput)),
      };
    },
  };
  return new SqliteDialect({ database: face });
}

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
