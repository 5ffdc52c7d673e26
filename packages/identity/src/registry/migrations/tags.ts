import type { Migration } from "@modwarden/store";
import { sql } from "kysely";

/** Words that a site puts on identities, which rules of its policy may ask for. */
export const tags: Migration = {
  name: "tags of identities",
  async up(database) {
    await sql`alter table identity add column tags text not null default '[]'`.execute(database);
  },
};
