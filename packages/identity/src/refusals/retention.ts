import { type Kysely, sql } from "kysely";
import type { Registry } from "../registry/schema.ts";

/** How many refusals stay in the registry; the audit log keeps them as long as its own retention says. */
export const KEPT_REFUSALS = 10_000;
/** One transaction never holds the registry for long. */
const BATCH = 500;

/** Removes the oldest refusals beyond what is kept, of those that the audit log has; no other event is ever removed. */
export async function pruneRefusals(
  database: Kysely<Registry>,
  delivered: number,
  keep: number = KEPT_REFUSALS,
): Promise<number> {
  const bound = await database
    .selectFrom("event")
    .select("edge")
    .where("event", "=", "refused")
    .orderBy("edge", "desc")
    .limit(1)
    .offset(keep)
    .executeTakeFirst();
  if (bound === undefined) return 0;
  const last = Math.min(bound.edge, delivered);
  let removed = 0;
  for (;;) {
    const result = await sql`delete from event where edge in (
      select edge from event where event = 'refused' and edge <= ${last} order by edge limit ${BATCH}
    )`.execute(database);
    const count = Number(result.numAffectedRows ?? 0n);
    removed += count;
    if (count < BATCH) return removed;
  }
}
