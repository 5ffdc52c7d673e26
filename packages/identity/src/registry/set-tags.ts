import type { Context } from "../context.ts";
import { IdentityError } from "../errors.ts";
import { checkTag } from "../names.ts";
import type { IdentityListing, TagChange } from "../types.ts";
import { parseList } from "./columns.ts";
import { listing, showRow, unknown } from "./identities.ts";

const TAGGED: ReadonlySet<string> = new Set(["pending", "approved", "claimed", "active", "suspended"]);
/** Of one identity: whoever needs more is looking for roles. */
const MOST = 32;

/**
 * Puts tags on an identity and takes others off, at once for the sessions that it has open. One that it has, or has not,
 * already changes nothing. Errors: ERR_IDENTITY_UNKNOWN, ERR_IDENTITY_STATE, ERR_IDENTITY_INVALID
 */
export async function setTags(
  context: Context,
  id: string,
  { add = [], remove = [] }: TagChange,
): Promise<IdentityListing> {
  for (const tag of [...add, ...remove]) checkTag(tag);
  const both = add.find((tag) => remove.includes(tag));
  if (both !== undefined) throw invalid(`"${both}" cannot be both put on and taken off`);
  await context.database.transaction().execute(async (transaction) => {
    const row = await transaction.selectFrom("identity").selectAll().where("id", "=", id).executeTakeFirst();
    if (row === undefined) throw unknown(id);
    if (!TAGGED.has(row.state)) {
      throw new IdentityError("ERR_IDENTITY_STATE", `"${row.id}" is ${row.state}: it has no tags to change`);
    }
    const before = parseList(row.tags);
    const tags = [...new Set([...before.filter((tag) => !remove.includes(tag)), ...add])].sort();
    if (tags.length > MOST) throw invalid(`"${row.id}" would have ${tags.length} tags: ${MOST} are the most`);
    const added = tags.filter((tag) => !before.includes(tag));
    const removed = before.filter((tag) => !tags.includes(tag));
    if (added.length === 0 && removed.length === 0) return;
    await transaction
      .updateTable("identity")
      .set({ tags: JSON.stringify(tags), changed: context.now().getTime() })
      .where("id", "=", row.id)
      .execute();
    await context.edge(transaction, {
      kind: "identity",
      event: "tagged",
      id: row.id,
      detail: {
        ...(added.length === 0 ? {} : { added: added.join(" ") }),
        ...(removed.length === 0 ? {} : { removed: removed.join(" ") }),
      },
    });
  });
  await context.committed();
  return await showRow(context, id).then(listing);
}

function invalid(message: string): IdentityError {
  return new IdentityError("ERR_IDENTITY_INVALID", message);
}
