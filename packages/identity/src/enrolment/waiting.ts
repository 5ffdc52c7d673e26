import type { Kysely } from "kysely";
import { APPROVE_WITHIN_MS, type Context } from "../context.ts";
import { release } from "../keys/reserve.ts";
import { giveUseBack } from "../keys/use.ts";
import type { IdentityRow, KeyRow, Registry } from "../registry/schema.ts";
import { remainsOf } from "./room.ts";

/** For a person, and for the device: what was approved and never fetched would stay open to whoever finds its claim. */
const WAITING = ["pending", "approved"] as const;

/**
 * Ends what nobody has approved or fetched in time, its key's use given back, and frees ids that were kept for a key which has
 * ended. Returns the ids.
 */
export async function expireWaiting(context: Context, now: Date): Promise<readonly string[]> {
  const nowMs = now.getTime();
  if ((await overdue(context.database, nowMs)).length + (await forgotten(context.database, nowMs)).length === 0)
    return [];
  const ended = await context.database.transaction().execute(async (transaction) => {
    const pending = await overdue(transaction, nowMs);
    for (const row of pending) {
      await endEnrolment(context, transaction, row, "lapsed");
      const key = row.key_id === null ? {} : { key: row.key_id };
      await context.edge(transaction, { kind: "enrolment", event: "lapsed", id: row.id, ...key });
    }
    const kept = await forgotten(transaction, nowMs);
    for (const row of kept) {
      const key = await keyOf(transaction, row);
      if (key !== undefined) await release(context, transaction, key);
    }
    return [...pending, ...kept].map(({ id }) => id);
  });
  if (ended.length > 0) await context.committed();
  return ended;
}

async function overdue(database: Kysely<Registry>, nowMs: number): Promise<readonly IdentityRow[]> {
  return await database
    .selectFrom("identity")
    .selectAll()
    .where("state", "in", WAITING)
    .where("changed", "<=", nowMs - APPROVE_WITHIN_MS)
    .execute();
}

/** Ids that are kept for a key which opens nothing any more. */
async function forgotten(database: Kysely<Registry>, nowMs: number): Promise<readonly IdentityRow[]> {
  return await database
    .selectFrom("identity")
    .innerJoin("registration_key as key", "key.id", "identity.key_id")
    .selectAll("identity")
    .where("state", "=", "issued")
    .where(({ or, eb, ref }) =>
      or([eb("key.revoked", "is not", null), eb("key.expires", "<=", nowMs), eb("key.used", ">=", ref("key.uses"))]),
    )
    .execute();
}

/** An enrolment that did not become an identity: its key's use is given back, and its id is what it was before. */
export async function endEnrolment(
  context: Context,
  transaction: Kysely<Registry>,
  row: IdentityRow,
  reason: "unconfirmed" | "lapsed",
): Promise<void> {
  if (row.key_id !== null) await giveUseBack(transaction, row.key_id);
  const options = { reason, nowMs: context.now().getTime(), reach: context.site.reach() };
  const remains = remainsOf(row, await keyOf(transaction, row), options);
  await transaction.updateTable("identity").set(remains).where("id", "=", row.id).execute();
  await transaction.deleteFrom("approval").where("identity_id", "=", row.id).execute();
}

async function keyOf(transaction: Kysely<Registry>, row: IdentityRow): Promise<KeyRow | undefined> {
  return await transaction
    .selectFrom("registration_key")
    .selectAll()
    .where("id", "=", row.key_id ?? "")
    .executeTakeFirst();
}
