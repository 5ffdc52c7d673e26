import { sql } from "kysely";
import { type Context, DAY_MS } from "../context.ts";
import type { Warned } from "../registry/warn.ts";
import { WARNING_DAYS } from "../warnings.ts";

const MARKS_MS: number = Math.max(...WARNING_DAYS) * DAY_MS;

/**
 * Keys that could still be used and end soon. One that was made for less than the first mark ends as it was meant to,
 * and is warned of from the next mark that is shorter than its life. Many keys of one import are one warning.
 */
export async function endingKeys(context: Context): Promise<readonly Warned[]> {
  const now = context.now().getTime();
  const rows = await context.database
    .selectFrom("registration_key")
    .select([
      sql<string>`case when form in ('token', 'public-key') then coalesce(issuer, id) else id end`.as("group"),
      sql<string>`min(id)`.as("id"),
      sql<number>`count(*)`.as("count"),
      "created",
      "expires",
    ])
    .where("revoked", "is", null)
    .where("expires", ">", now)
    .where("expires", "<=", now + MARKS_MS)
    .where("form", "not in", ["decoy", "offline"])
    .whereRef("used", "<", "uses")
    .groupBy(["group", "created", "expires"])
    .execute();
  return rows.map(({ group, id, count, created, expires }) => ({
    subject: `key:${group}`,
    expires,
    days: WARNING_DAYS.filter((mark) => mark * DAY_MS < expires - created),
    event: (days) => ({
      kind: "enrolment",
      event: "key-expires-soon",
      key: id,
      detail: { days, ...(count === 1 ? {} : { import: group, count }) },
    }),
  }));
}
