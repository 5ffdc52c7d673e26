import type { Context } from "../context.ts";
import { IdentityError } from "../errors.ts";
import { checkRole } from "../names.ts";
import type { IdentityListing } from "../types.ts";
import { parseList } from "./columns.ts";
import { listing, showRow, unknown } from "./identities.ts";

const CHANGEABLE: ReadonlySet<string> = new Set(["pending", "approved", "claimed", "active", "suspended"]);

/**
 * Gives an identity another role, never one above the registration key that it came with. Its certificate still names
 * the old one: until it is renewed the two do not agree, and it has the NULL role. Errors: ERR_IDENTITY_UNKNOWN,
 * ERR_IDENTITY_STATE, ERR_IDENTITY_INVALID
 */
export async function setRole(context: Context, id: string, role: string | null): Promise<IdentityListing> {
  if (role !== null) checkRole(role);
  await context.database.transaction().execute(async (transaction) => {
    const row = await transaction.selectFrom("identity").selectAll().where("id", "=", id).executeTakeFirst();
    if (row === undefined) throw unknown(id);
    if (!CHANGEABLE.has(row.state)) {
      throw new IdentityError("ERR_IDENTITY_STATE", `"${row.id}" is ${row.state}: it has no role to change`);
    }
    if (row.kind === "gateway") {
      throw new IdentityError("ERR_IDENTITY_INVALID", `"${row.id}" is a gateway: its role stands in the site file`);
    }
    const key =
      row.key_id === null
        ? undefined
        : await transaction
            .selectFrom("registration_key")
            .select("roles")
            .where("id", "=", row.key_id)
            .executeTakeFirst();
    const ceiling = key === undefined ? undefined : parseList(key.roles);
    if (role !== null && ceiling !== undefined && !ceiling.includes(role)) {
      const allowed = ceiling.length === 0 ? "none" : ceiling.join(", ");
      throw new IdentityError(
        "ERR_IDENTITY_INVALID",
        `the registration key of "${row.id}" allows ${allowed}: for "${role}" it has to enrol with another key`,
      );
    }
    if (row.role === role) return;
    await transaction
      .updateTable("identity")
      .set({ role, changed: context.now().getTime() })
      .where("id", "=", row.id)
      .execute();
    // What people have agreed to was another role.
    if (row.state === "pending") await transaction.deleteFrom("approval").where("identity_id", "=", row.id).execute();
    await context.edge(transaction, {
      kind: "identity",
      event: "role-set",
      id: row.id,
      ...(role === null ? {} : { role }),
      detail: { before: row.role ?? "none" },
    });
  });
  await context.committed();
  return await showRow(context, id).then(listing);
}
