import type { Migration } from "@modwarden/store";
import { sql } from "kysely";

/** What devices are known by that cannot enrol, and what they were last seen with where that is something else. */
export const fingerprints: Migration = {
  name: "device fingerprints",
  async up(database) {
    await sql`create table device_fingerprint (
      identity_id text primary key collate nocase, accepted text not null, since integer not null,
      drifted text, drifted_since integer
    ) strict, without rowid`.execute(database);
  },
};
