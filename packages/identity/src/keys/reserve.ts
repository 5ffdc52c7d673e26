import type { Kysely } from "kysely";
import type { Context } from "../context.ts";
import { isProxied, makeRoom, newRow } from "../registry/rows.ts";
import type { KeyRow, Registry } from "../registry/schema.ts";

/** A key for one id: from now on the id stands in the registry, and no other key opens it. Error: ERR_IDENTITY_TAKEN */
export async function reserve(context: Context, transaction: Kysely<Registry>, key: KeyRow): Promise<void> {
  const id = key.identity_id;
  if (id === null) return;
  const there = await transaction.selectFrom("identity").selectAll().where("id", "=", id).executeTakeFirst();
  // The site goes on speaking for a device that it lists until the device speaks for itself.
  if (there !== undefined && isProxied(there) && key.kind === "device") return;
  await makeRoom(transaction, id, context.now().getTime());
  await transaction
    .insertInto("identity")
    .values({
      ...newRow(id, key.kind, context.now().getTime()),
      state: "issued",
      key_id: key.id,
      model: key.model,
      unit: key.unit,
      claims: key.claims,
      names: key.names,
    })
    .execute();
  await context.edge(transaction, { kind: "identity", event: "reserved", id, key: key.id });
}

/** The id that was kept for a key that has ended is free again. */
export async function release(context: Context, transaction: Kysely<Registry>, key: KeyRow): Promise<void> {
  if (key.identity_id === null) return;
  const freed = await transaction
    .updateTable("identity")
    .set({ state: "retired", reason: "key-ended", changed: context.now().getTime() })
    .where("id", "=", key.identity_id)
    .where("key_id", "=", key.id)
    .where("state", "=", "issued")
    .executeTakeFirst();
  if (freed.numUpdatedRows === 0n) return;
  const { identity_id: id, id: keyId } = key;
  await context.edge(transaction, { kind: "identity", event: "retired", id, key: keyId, reason: "key-ended" });
}
