import { type Kysely, type QueryExecutorProvider, sql } from "kysely";
import { StoreError } from "./errors.ts";

/** One step of a schema. Its place in the list is its version (from 1); a published step is never changed. */
export interface Migration {
  readonly name: string;
  /** Runs its statements with Kysely's `sql`; everything happens inside one transaction. */
  up(database: QueryExecutorProvider): Promise<void>;
}

interface Version {
  readonly version: number;
  readonly name: string;
}

/**
 * Brings the database to the last of `migrations`: all missing steps in one transaction, so that a file is either
 * the old version or the new one. Errors: ERR_STORE_NEWER_SCHEMA, ERR_STORE_FOREIGN_SCHEMA, ERR_STORE_MIGRATION.
 */
export async function migrate<Schema>(
  database: Kysely<Schema>,
  file: string,
  migrations: readonly Migration[],
): Promise<void> {
  await database.transaction().execute(async (transaction) => {
    await sql`create table if not exists schema_version (version integer primary key, name text not null) strict`.execute(
      transaction,
    );
    const applied = (await sql<Version>`select version, name from schema_version order by version`.execute(transaction))
      .rows;
    if (applied.length > migrations.length) {
      throw new StoreError(
        "ERR_STORE_NEWER_SCHEMA",
        `${file} has schema version ${applied.length}, this program knows ${migrations.length}: use the newer program that wrote it`,
      );
    }
    for (const [index, migration] of migrations.entries()) {
      const version = index + 1;
      const done = applied[index];
      if (done === undefined) {
        await step(transaction, file, version, migration);
      } else if (done.version !== version || done.name !== migration.name) {
        throw new StoreError(
          "ERR_STORE_FOREIGN_SCHEMA",
          `${file} is at "${done.name}" where "${migration.name}" is expected: it belongs to something else`,
        );
      }
    }
  });
}

async function step(
  transaction: QueryExecutorProvider,
  file: string,
  version: number,
  migration: Migration,
): Promise<void> {
  try {
    await migration.up(transaction);
    await sql`insert into schema_version (version, name) values (${version}, ${migration.name})`.execute(transaction);
  } catch (cause) {
    throw new StoreError("ERR_STORE_MIGRATION", `${file}: step ${version} "${migration.name}" failed`, { cause });
  }
}
