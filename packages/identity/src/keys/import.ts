import { type Kysely, sql } from "kysely";
import { type Context, hmacOf } from "../context.ts";
import { encodeCrockford } from "../crockford.ts";
import { IdentityError } from "../errors.ts";
import { checkRole } from "../names.ts";
import { parseRegistrationKey } from "../registration-key.ts";
import type { KeyRow, Registry } from "../registry/schema.ts";
import type { ImportedKeys, ImportOptions } from "../types.ts";
import { type ImportEntry, MAX_IMPORT } from "./import-file.ts";
import { checkOptions, keyRow } from "./options.ts";
import { reserve } from "./reserve.ts";

/**
 * Takes keys that devices made themselves, all or none. Of a token only the HMAC is kept; a public key is an allow list
 * entry: who proves that key pair by its signing request enrols without any other key. One event tells of the whole
 * import. Errors: ERR_KEY_FILE (with the line), ERR_KEY_OPTIONS, ERR_IDENTITY_TAKEN
 */
export async function importKeys(
  context: Context,
  entries: readonly ImportEntry[],
  options: ImportOptions,
): Promise<ImportedKeys> {
  checkOptions(options);
  if (entries.length === 0 || entries.length > MAX_IMPORT) {
    throw new IdentityError("ERR_KEY_FILE", `an import has 1 to ${MAX_IMPORT} keys`);
  }
  for (const role of new Set(entries.flatMap(({ role: own }) => own ?? []))) checkRole(role);
  const id = encodeCrockford(context.random(5));
  const rows = entries.map((entry) => rowOf(context, entry, options, id));
  await context.database.transaction().execute(async (transaction) => {
    await checkNew(transaction, entries, rows);
    await insertAll(transaction, rows);
    const serials = entries.flatMap(({ serial }, at) => (serial === undefined ? [] : [[rows[at]?.id, serial]]));
    await sql`insert into key_serial (key_id, serial)
      select value ->> 0, value ->> 1 from json_each(${JSON.stringify(serials)})`.execute(transaction);
    for (const row of rows) if (row.identity_id !== null) await reserve(context, transaction, row);
    await context.edge(transaction, {
      kind: "enrolment",
      event: "key-imported",
      detail: { import: id, count: rows.length },
    });
  });
  await context.committed();
  const publicKeys = entries.filter(({ publicKey }) => publicKey !== undefined).length;
  return { import: id, tokens: entries.length - publicKeys, publicKeys };
}

function rowOf(context: Context, entry: ImportEntry, options: ImportOptions, importId: string): KeyRow {
  const own = {
    ...options,
    ...(entry.role === undefined ? {} : { roles: [entry.role] }),
    ...(entry.model === undefined ? {} : { model: entry.model }),
    ...(entry.name === undefined ? {} : { identity: entry.name }),
    ...(entry.unit === undefined ? {} : { unit: entry.unit }),
  };
  const serial_rule = entry.serial === undefined ? "any" : "listed";
  if (entry.publicKey !== undefined) {
    const id = encodeCrockford(context.random(5));
    const { publicKey: public_key } = entry;
    return keyRow(context, own, { id, form: "public-key", secret_hmac: "", serial_rule, issuer: importId, public_key });
  }
  const { id, secret } = parseRegistrationKey(entry.key ?? "");
  const secret_hmac = hmacOf(context.pepper, secret).toString("hex");
  return keyRow(context, own, { id, form: "token", secret_hmac, serial_rule, issuer: importId });
}

/** A key that is here already is named by its line; one whose public key was revoked may come again. */
async function checkNew(
  transaction: Kysely<Registry>,
  entries: readonly ImportEntry[],
  rows: readonly KeyRow[],
): Promise<void> {
  const ids = JSON.stringify(rows.map(({ id }) => id));
  const publicKeys = JSON.stringify(rows.flatMap(({ public_key }) => public_key ?? []));
  const known = await sql<{ readonly id: string; readonly public_key: string | null }>`
    select id, public_key from registration_key
    where id in (select value from json_each(${ids}))
      or (revoked is null and public_key in (select value from json_each(${publicKeys})))`.execute(transaction);
  const taken = new Set(known.rows.flatMap(({ id, public_key }) => [id, public_key ?? id]));
  const at = rows.findIndex((row) => taken.has(row.id) || taken.has(row.public_key ?? row.id));
  const line = entries[at]?.line;
  if (line !== undefined) throw new IdentityError("ERR_KEY_FILE", `line ${line}: this key is here already`);
}

/** JSON carries any number of rows in one statement. */
async function insertAll(transaction: Kysely<Registry>, rows: readonly KeyRow[]): Promise<void> {
  const names = Object.keys(rows[0] ?? {});
  const columns = sql.join(names.map((name) => sql.ref(name)));
  const values = sql.join(names.map((_, at) => sql`value ->> ${sql.lit(at)}`));
  const text = JSON.stringify(rows.map((row) => names.map((name) => row[name as keyof KeyRow])));
  await sql`insert into registration_key (${columns}) select ${values} from json_each(${text})`.execute(transaction);
}
