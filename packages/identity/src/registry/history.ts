import { type Context, iso } from "../context.ts";
import { eventOf } from "../event-row.ts";
import type { HistoryEntry, IdentityStory } from "../types.ts";
import { showRow } from "./identities.ts";

const MOST = 1000;
const USUAL = 100;
const SHOWN = 20;

/** Everything that is known of an identity. Error: ERR_IDENTITY_UNKNOWN */
export async function showIdentity(context: Context, id: string): Promise<IdentityStory> {
  const details = await showRow(context, id);
  const approvals = await context.database
    .selectFrom("approval")
    .select(["approver as by", "at"])
    .where("identity_id", "=", id)
    .orderBy("at")
    .execute();
  return {
    ...details,
    approvals: approvals.map(({ by, at }) => ({ by, at: iso(at) })),
    history: await historyOf(context, id, SHOWN),
  };
}

/** The newest events of an id, oldest of them first: those of whoever had it before, too. */
export async function historyOf(context: Context, id: string, most: number = USUAL): Promise<readonly HistoryEntry[]> {
  const rows = await context.database
    .selectFrom("event")
    .selectAll()
    .where("identity_id", "=", id)
    .orderBy("edge", "desc")
    .limit(Math.max(1, Math.min(MOST, most)))
    .execute();
  return rows.toReversed().map((row) => {
    const event = eventOf(row);
    return { ...event, at: event.at.toISOString() };
  });
}
