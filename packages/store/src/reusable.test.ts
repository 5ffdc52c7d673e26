import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Kysely, sql } from "kysely";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { closeDatabase, openDatabase, reusable } from "./index.ts";

interface Schema {
  readonly note: { readonly id: number; readonly text: string | null; readonly read: number };
}

const notes = {
  name: "notes",
  async up(database: Kysely<unknown>): Promise<void> {
    await sql`create table note (id integer primary key, text text, read integer not null) strict`.execute(database);
  },
};

let folder: string;
let database: Kysely<Schema>;
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), "modwarden-store-"));
  database = await openDatabase<Schema>({ file: join(folder, "notes.sqlite"), migrations: [notes as never] });
});
afterEach(async () => {
  await closeDatabase(database);
  rmSync(folder, { recursive: true, force: true });
});

describe("a reusable query", () => {
  it("runs with the values of each call, with its constants, and is built once", async () => {
    let built = 0;
    const insert = reusable((on: Kysely<Schema>, id: number, text: string | null) => {
      built += 1;
      return on.insertInto("note").values({ id, text, read: 7 });
    });
    await insert(database, 1, "one");
    await insert(database, 2, null);
    await insert(database, 3, "three");
    expect(built).toBe(1);
    const between = reusable((on: Kysely<Schema>, least: number, most: number) =>
      on.selectFrom("note").selectAll().where("id", ">=", least).where("id", "<=", most).orderBy("id"),
    );
    expect((await between(database, 2, 3)).rows).toEqual([
      { id: 2, text: null, read: 7 },
      { id: 3, text: "three", read: 7 },
    ]);
    expect((await between(database, 1, 1)).rows).toEqual([{ id: 1, text: "one", read: 7 }]);
  });

  it("takes one value twice, says how many rows it changed, and is undone with its transaction", async () => {
    const raise = reusable((on: Kysely<Schema>, value: number) =>
      on.updateTable("note").set({ read: value }).where("read", "<", value),
    );
    await database.insertInto("note").values({ id: 1, text: "a", read: 1 }).execute();
    const undone = database.transaction().execute(async (transaction) => {
      expect((await raise(transaction, 5)).numAffectedRows).toBe(1n);
      throw new Error("undone");
    });
    await expect(undone).rejects.toThrow("undone");
    expect((await raise(database, 5)).numAffectedRows).toBe(1n);
    expect((await raise(database, 5)).numAffectedRows).toBe(0n);
  });
});
