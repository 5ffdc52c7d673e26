import type { Context } from "../context.ts";
import { checkId, checkRole, networkOf } from "../names.ts";
import type { IdentityListing, NewIdentity } from "../types.ts";
import { kindOf } from "./columns.ts";
import { listing, showRow } from "./identities.ts";
import { makeRoom, newRow } from "./rows.ts";

/** Enters what cannot enrol itself: a client known by its address, a device behind the gateway. */
export async function addIdentity(context: Context, identity: NewIdentity): Promise<IdentityListing> {
  checkId(identity.id);
  if (identity.role !== null) checkRole(identity.role);
  if (identity.source !== undefined) networkOf(identity.source);
  await context.database.transaction().execute(async (transaction) => {
    await makeRoom(transaction, identity.id, context.now().getTime());
    await transaction
      .insertInto("identity")
      .values({
        ...newRow(identity.id, kindOf(identity.kind), context.now().getTime()),
        role: identity.role,
        state: "active",
        source: identity.source ?? null,
        method: "added",
      })
      .execute();
    const role = identity.role === null ? {} : { role: identity.role };
    await context.edge(transaction, { kind: "identity", event: "added", id: identity.id, ...role });
  });
  await context.committed();
  return await showRow(context, identity.id).then(listing);
}
