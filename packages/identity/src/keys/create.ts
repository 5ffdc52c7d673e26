import type { Kysely } from "kysely";
import { type Context, hmacOf, iso } from "../context.ts";
import { createRegistrationKey, formatKey } from "../registration-key.ts";
import type { KeyRow, Registry } from "../registry/schema.ts";
import type { CreatedKey, KeyOptions, ManyKeys } from "../types.ts";
import { checkOptions, keyRow, wrong } from "./options.ts";
import { reserve } from "./reserve.ts";
import { bindSerials } from "./serials.ts";

/** Nobody hands out more at once. */
const MAX_AT_ONCE = 10_000;

/** Makes a key; what is stored cannot be turned back into it. Errors: ERR_KEY_OPTIONS, ERR_KEY_REUSABLE, ERR_IDENTITY_INVALID, ERR_IDENTITY_TAKEN */
export async function createKey(context: Context, options: KeyOptions): Promise<CreatedKey> {
  checkOptions(options);
  const created = await context.database
    .transaction()
    .execute((transaction) => insertKey(context, transaction, options));
  await context.committed();
  return created;
}

/** Makes many of one kind, or none: `count` of them, or one for each serial number. */
export async function createKeys(
  context: Context,
  options: KeyOptions,
  many: ManyKeys,
): Promise<readonly CreatedKey[]> {
  if (options.serials !== undefined || options.identity !== undefined || options.unit !== undefined) {
    throw wrong("serial numbers, a unit or an id of its own cannot be the same for many");
  }
  const each: readonly KeyOptions[] =
    "serials" in many
      ? [...new Set(many.serials)].map((serial) => ({ ...options, serials: [serial] }))
      : Array.from({ length: many.count }, () => options);
  if (each.length === 0 || each.length > MAX_AT_ONCE) throw wrong(`at once 1 to ${MAX_AT_ONCE} are made`);
  for (const one of each) checkOptions(one);
  const created = await context.database.transaction().execute(async (transaction) => {
    const keys: CreatedKey[] = [];
    for (const one of each) {
      const [serial] = one.serials ?? [];
      const key = await insertKey(context, transaction, one);
      keys.push(serial === undefined ? key : { ...key, serial });
    }
    return keys;
  });
  await context.committed();
  return created;
}

async function insertKey(context: Context, transaction: Kysely<Registry>, options: KeyOptions): Promise<CreatedKey> {
  const key = createRegistrationKey(context.random);
  const serials = [...new Set(options.serials ?? [])];
  const row: KeyRow = keyRow(context, options, {
    id: key.id,
    form: "token",
    secret_hmac: hmacOf(context.pepper, key.secret).toString("hex"),
    serial_rule: serials.length === 0 ? "any" : "listed",
  });
  await transaction.insertInto("registration_key").values(row).execute();
  await bindSerials(transaction, key.id, serials);
  await context.edge(transaction, { kind: "enrolment", event: "key-created", key: key.id });
  await reserve(context, transaction, row);
  return { id: key.id, key: formatKey(key), expires: iso(row.expires), pin: context.authority.pin };
}
