import type { Kysely } from "kysely";
import type { Context } from "../context.ts";
import type { IdentityRow, KeyRow, Registry } from "../registry/schema.ts";
import { endKey } from "./revoke.ts";
import { strikeSerial } from "./serials.ts";

/**
 * An identity has been revoked or retired: what could bring it back dies with it, in the same transaction. That is every
 * key for its id, every key for its serial number alone, and the key it enrolled by; where that one serves other serial
 * numbers too, only this one is struck from it.
 */
export async function endKeysOf(
  context: Context,
  transaction: Kysely<Registry>,
  identity: Pick<IdentityRow, "id" | "key_id" | "serial">,
): Promise<void> {
  const now = context.now().getTime();
  const { id, serial } = identity;
  const related = await transaction
    .selectFrom("registration_key")
    .selectAll()
    .where("revoked", "is", null)
    .where("expires", ">", now)
    .where("form", "<>", "decoy")
    .where((either) =>
      either.or([
        either("identity_id", "=", id),
        either("id", "=", identity.key_id ?? ""),
        either(
          "id",
          "in",
          either
            .selectFrom("key_serial")
            .select("key_id")
            .where("serial", "=", serial ?? ""),
        ),
      ]),
    )
    .execute();
  for (const key of related) {
    const tied = key.identity_id?.toLowerCase() === id.toLowerCase();
    // A derived key proves every serial number of its batch, however many uses are left.
    if (!tied && serial !== null && servesOthers(key)) await strike(context, transaction, key, serial, id);
    else if (key.used < key.uses) await endKey(context, transaction, key, "identity-ended", { id });
  }
}

function servesOthers(key: KeyRow): boolean {
  return key.serial_rule === "required" || (key.serial_rule === "listed" && key.uses > 1);
}

async function strike(
  context: Context,
  transaction: Kysely<Registry>,
  key: KeyRow,
  serial: string,
  id: string,
): Promise<void> {
  if (!(await strikeSerial(transaction, key.id, serial, context.now().getTime()))) return;
  await context.edge(transaction, {
    kind: "enrolment",
    event: "key-serial-struck",
    key: key.id,
    id,
    detail: { serial },
  });
}
