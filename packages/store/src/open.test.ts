import { mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { sql } from "kysely";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { closeDatabase, durable, type Migration, openDatabase } from "./index.ts";
import { WriteAheadLog } from "./write-ahead-log.ts";

interface Schema {
  readonly note: { readonly id: number; readonly text: string; readonly read: number };
}

const first: Migration = {
  name: "notes",
  async up(database) {
    await sql`create table note (id integer primary key, text text not null) strict`.execute(database);
  },
};
const second: Migration = {
  name: "read notes",
  async up(database) {
    await sql`alter table note add column read integer not null default 0`.execute(database);
  },
};
const broken: Migration = {
  name: "broken",
  async up(database) {
    await sql`create table half (id integer)`.execute(database);
    await sql`this is no statement`.execute(database);
  },
};

let folder: string;
let file: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "modwarden-store-"));
  file = join(folder, "notes.sqlite");
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

describe("openDatabase", () => {
  it("keeps what was written, in files that only their owner reads", async () => {
    const database = await openDatabase<Schema>({ file, migrations: [first, second] });
    await database.insertInto("note").values({ id: 1, text: "kept", read: 0 }).execute();
    for (const name of readdirSync(folder)) expect(statSync(join(folder, name)).mode & 0o777).toBe(0o600);
    expect(readdirSync(folder)).toContain("notes.sqlite-wal");
    await closeDatabase(database);

    const again = await openDatabase<Schema>({ file, migrations: [first, second] });
    expect(await again.selectFrom("note").selectAll().execute()).toEqual([{ id: 1, text: "kept", read: 0 }]);
    await closeDatabase(again);
  });

  it("carries an old schema's rows into the new one", async () => {
    const old = await openDatabase<Schema>({ file, migrations: [first] });
    await sql`insert into note (id, text) values (7, 'old')`.execute(old);
    await closeDatabase(old);
    const database = await openDatabase<Schema>({ file, migrations: [first, second] });
    expect(await database.selectFrom("note").selectAll().execute()).toEqual([{ id: 7, text: "old", read: 0 }]);
    await closeDatabase(database);
  });

  it("refuses a newer schema and leaves it as it is", async () => {
    await closeDatabase(await openDatabase<Schema>({ file, migrations: [first, second] }));
    await expect(openDatabase<Schema>({ file, migrations: [first] })).rejects.toMatchObject({
      code: "ERR_STORE_NEWER_SCHEMA",
    });
    await closeDatabase(await openDatabase<Schema>({ file, migrations: [first, second] }));
  });

  it("refuses a file of another schema", async () => {
    await closeDatabase(await openDatabase<Schema>({ file, migrations: [first] }));
    await expect(openDatabase<Schema>({ file, migrations: [second] })).rejects.toMatchObject({
      code: "ERR_STORE_FOREIGN_SCHEMA",
    });
  });

  it("keeps nothing of a migration that fails", async () => {
    await expect(openDatabase<Schema>({ file, migrations: [first, broken] })).rejects.toMatchObject({
      code: "ERR_STORE_MIGRATION",
    });
    const database = await openDatabase<Schema>({ file, migrations: [first] });
    const tables = await sql<{ name: string }>`select name from sqlite_master where type = 'table'`.execute(database);
    expect(tables.rows.map((row) => row.name).sort()).toEqual(["note", "schema_version"]);
    await closeDatabase(database);
  });

  it("says so when the file is no database or its folder is missing", async () => {
    writeFileSync(file, "this is text, and long enough that it cannot pass for an empty database file".repeat(20));
    await expect(openDatabase<Schema>({ file, migrations: [first] })).rejects.toMatchObject({
      code: "ERR_STORE_UNREADABLE",
    });
    const nowhere = join(folder, "missing", "notes.sqlite");
    await expect(openDatabase<Schema>({ file: nowhere, migrations: [first] })).rejects.toMatchObject({
      code: "ERR_STORE_UNREADABLE",
    });
  });
});

describe("durable", () => {
  it("waits for every commit so far, and needs nothing when there is none", async () => {
    const database = await openDatabase<Schema>({ file, migrations: [first, second] });
    await durable(database);
    await Promise.all(
      Array.from({ length: 20 }, async (_, id) => {
        await database.insertInto("note").values({ id, text: "kept", read: 0 }).execute();
        await durable(database);
      }),
    );
    await closeDatabase(database);
    const again = await openDatabase<Schema>({ file, migrations: [first, second] });
    await durable(again);
    expect(await again.selectFrom("note").select("id").execute()).toHaveLength(20);
    await closeDatabase(again);
  });

  it("promises nothing when the log is not where it was", async () => {
    const database = await openDatabase<Schema>({ file, migrations: [first, second] });
    await closeDatabase(database);
    await expect(new WriteAheadLog(file).sync()).rejects.toMatchObject({ code: "ENOENT" });
  });
});

describe("a transaction", () => {
  it("serialises concurrent counting and rolls back what throws", async () => {
    const database = await openDatabase<Schema>({ file, migrations: [first, second] });
    await database.insertInto("note").values({ id: 1, text: "count", read: 0 }).execute();
    const count = async (fail: boolean): Promise<void> =>
      await database.transaction().execute(async (transaction) => {
        const row = await transaction.selectFrom("note").select("read").where("id", "=", 1).executeTakeFirstOrThrow();
        await transaction
          .updateTable("note")
          .set({ read: row.read + 1 })
          .execute();
        if (fail) throw new Error("rolled back");
      });
    const results = await Promise.allSettled(Array.from({ length: 20 }, (_, index) => count(index % 4 === 0)));
    expect(results.filter((result) => result.status === "rejected")).toHaveLength(5);
    const row = await database.selectFrom("note").select("read").executeTakeFirstOrThrow();
    expect(row.read).toBe(15);
    await closeDatabase(database);
  });

  it("says that there is no room when there is none, and goes on when there is some", async () => {
    const database = await openDatabase<Schema>({ file, migrations: [first, second] });
    const pages = async (most: number) => await sql`pragma max_page_count = ${sql.lit(most)}`.execute(database);
    const write = async (): Promise<unknown> =>
      await database.transaction().execute(async (transaction) => {
        const text = "x".repeat(1_000_000);
        await transaction
          .insertInto("note")
          .values({ text, read: 0 } as never)
          .execute();
      });
    await pages(1);
    await expect(write()).rejects.toMatchObject({ errcode: 13 });
    await pages(10_000);
    await write();
    expect(await database.selectFrom("note").select("id").execute()).toHaveLength(1);
    await closeDatabase(database);
  });

  it("refuses values that SQLite has no type for", async () => {
    const database = await openDatabase<Schema>({ file, migrations: [first, second] });
    const wrong = true as unknown as number;
    await expect(database.insertInto("note").values({ id: 1, text: "x", read: wrong }).execute()).rejects.toThrow(
      TypeError,
    );
    await closeDatabase(database);
  });
});
