import type { Context } from "../context.ts";
import { IdentityError } from "../errors.ts";
import { showRow, unknown } from "../registry/identities.ts";
import type { IdentityDetails } from "../types.ts";

const MAX_LIMIT = 1000;

/**
 * Lets an identity recover as often as its limit says, counted from now on; `limit` is another one, 0 for never. Errors:
 * ERR_IDENTITY_UNKNOWN, ERR_IDENTITY_INVALID
 */
export async function resetRecoveries(context: Context, id: string, limit?: number): Promise<IdentityDetails> {
  if (limit !== undefined && (!Number.isInteger(limit) || limit < 0 || limit > MAX_LIMIT)) {
    throw new IdentityError("ERR_IDENTITY_INVALID", `a limit of recoveries is a whole number from 0 to ${MAX_LIMIT}`);
  }
  await context.database.transaction().execute(async (transaction) => {
    const row = await transaction.selectFrom("identity").selectAll().where("id", "=", id).executeTakeFirst();
    if (row === undefined) throw unknown(id);
    const next = limit ?? row.recovery_limit;
    await transaction
      .updateTable("identity")
      .set({ recoveries: 0, recovery_limit: next, changed: context.now().getTime() })
      .where("id", "=", id)
      .execute();
    const detail = { recoveries: row.recoveries, limit: next };
    await context.edge(transaction, { kind: "identity", event: "recoveries-reset", id: row.id, detail });
  });
  await context.committed();
  return await showRow(context, id);
}
