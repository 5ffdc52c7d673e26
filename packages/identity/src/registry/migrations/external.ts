import type { Migration } from "@modwarden/store";
import { sql } from "kysely";

/** Where a company's authority issues, the request is kept until it has. */
export const external: Migration = {
  name: "requests for a company's authority",
  async up(database) {
    await sql`alter table identity add column csr text`.execute(database);
  },
};
