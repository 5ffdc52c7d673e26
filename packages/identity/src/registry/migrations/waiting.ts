import type { Migration } from "@modwarden/store";
import { sql } from "kysely";

/** Enrolments that wait for a person or for their device are looked for all the time. */
export const waiting: Migration = {
  name: "enrolments that wait",
  async up(database) {
    await sql`create index identity_enrolling on identity (changed) where state in ('pending', 'approved')`.execute(
      database,
    );
  },
};
