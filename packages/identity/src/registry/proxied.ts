import type { Kysely } from "kysely";
import type { Context } from "../context.ts";
import { checkId } from "../names.ts";
import type { ListedDevice, NotADevice } from "../types/identities.ts";
import { kindOf } from "./columns.ts";
import { isFree, newRow } from "./rows.ts";
import type { IdentityRow, Registry } from "./schema.ts";

/** Ways into the registry of devices that did not come by themselves. */
const BY_LIST: ReadonlySet<string> = new Set(["proxied", "added"]);

/**
 * Registers the devices that a site lists, which the gateway speaks for: new ones are entered, and those that stand
 * elsewhere now are told so. One that has enrolled itself stays as it is, and so does one that was suspended or
 * revoked; one that was retired is new. Returns the ids that are registered as something else.
 */
export async function registerProxied(
  context: Context,
  devices: readonly ListedDevice[],
): Promise<readonly NotADevice[]> {
  for (const { id } of devices) checkId(id);
  const others = await context.database.transaction().execute(async (transaction) => {
    const wrong: NotADevice[] = [];
    for (const device of devices) {
      const row = await transaction.selectFrom("identity").selectAll().where("id", "=", device.id).executeTakeFirst();
      if (row === undefined || isFree(row)) await enter(context, transaction, device, row);
      else if (row.kind !== "device") wrong.push({ id: row.id, kind: kindOf(row.kind) });
      else if (BY_LIST.has(row.method)) await move(context, transaction, device, row);
    }
    return wrong;
  });
  await context.committed();
  return others;
}

async function enter(
  context: Context,
  transaction: Kysely<Registry>,
  { id, unit, address }: ListedDevice,
  before: IdentityRow | undefined,
): Promise<void> {
  if (before !== undefined) await transaction.deleteFrom("identity").where("id", "=", id).execute();
  const row = { ...newRow(id, "device", context.now().getTime()), state: "active", method: "proxied", unit, address };
  await transaction.insertInto("identity").values(row).execute();
  await context.edge(transaction, { kind: "identity", event: "added", id, detail: { unit, address } });
}

async function move(
  context: Context,
  transaction: Kysely<Registry>,
  { unit, address }: ListedDevice,
  row: IdentityRow,
): Promise<void> {
  if (row.unit === unit && row.address === address) return;
  await transaction
    .updateTable("identity")
    .set({ unit, address, method: "proxied", changed: context.now().getTime() })
    .where("id", "=", row.id)
    .execute();
  await context.edge(transaction, { kind: "identity", event: "moved", id: row.id, detail: { unit, address } });
}
