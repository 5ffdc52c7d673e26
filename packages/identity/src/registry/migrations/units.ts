import type { Migration } from "@modwarden/store";
import { sql } from "kysely";

/** Units and waiting enrolments are looked for at every enrolment. */
export const units: Migration = {
  name: "units and waiting enrolments",
  async up(database) {
    await sql`create index identity_unit on identity (unit) where unit is not null`.execute(database);
    await sql`create index identity_waiting on identity (changed) where state in ('issued', 'pending')`.execute(
      database,
    );
    await sql`alter table identity add column confirm_within_ms integer`.execute(database);
  },
};
