import type { Kysely } from "kysely";
import type { Context } from "../context.ts";
import { IdentityError } from "../errors.ts";
import type { EventDraft } from "../events.ts";
import type { KeyRow, Registry } from "../registry/schema.ts";
import { release } from "./reserve.ts";

/** Why a key was revoked where nobody revoked it by its id. */
export type KeyEnding = "leaked" | "identity-ended" | "key-conflict";

/** Error: ERR_KEY_UNKNOWN. A key revoked twice stays revoked. */
export async function revokeKey(context: Context, id: string): Promise<void> {
  await context.database.transaction().execute(async (transaction) => {
    await endKey(context, transaction, await keyById(transaction, id));
  });
  await context.committed();
}

/** Error: ERR_KEY_UNKNOWN */
export async function keyById(database: Kysely<Registry>, id: string): Promise<KeyRow> {
  const row = await database
    .selectFrom("registration_key")
    .selectAll()
    .where("id", "=", id)
    .where("form", "<>", "decoy")
    .executeTakeFirst();
  if (row === undefined)
    throw new IdentityError("ERR_KEY_UNKNOWN", `no registration key has the id "${id.slice(0, 40)}"`);
  return row;
}

/** Revokes it unless it is revoked already; `about` adds to the event or replaces its name. */
export async function endKey(
  context: Context,
  transaction: Kysely<Registry>,
  key: KeyRow,
  reason?: KeyEnding,
  about: Partial<EventDraft> = {},
): Promise<boolean> {
  if (key.revoked !== null) return false;
  await transaction
    .updateTable("registration_key")
    .set({ revoked: context.now().getTime(), revoked_reason: reason ?? null })
    .where("id", "=", key.id)
    .execute();
  await context.edge(transaction, {
    kind: "enrolment",
    event: "key-revoked",
    key: key.id,
    ...(reason === undefined ? {} : { reason }),
    ...about,
  });
  await release(context, transaction, key);
  return true;
}
