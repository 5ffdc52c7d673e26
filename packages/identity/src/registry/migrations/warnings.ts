import type { Migration } from "@modwarden/store";
import { sql } from "kysely";

/** Which warnings of an end were sent: each mark once, whatever restarts in between. */
export const warnings: Migration = {
  name: "warnings of what ends",
  async up(database) {
    await sql`create table warning (
      subject text primary key, expires integer not null, days integer not null
    ) strict, without rowid`.execute(database);
  },
};
