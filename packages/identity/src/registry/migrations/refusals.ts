import type { Migration } from "@modwarden/store";
import { sql } from "kysely";

/** Refusals are listed, and the oldest removed, among events that stay for good. */
export const refusals: Migration = {
  name: "refusals among the events",
  async up(database) {
    await sql`create index event_refused on event (edge) where event = 'refused'`.execute(database);
  },
};
