import { type Context, DAY_MS, iso } from "../context.ts";
import { encodeCrockford } from "../crockford.ts";
import { IdentityError } from "../errors.ts";
import type { BatchListing, BatchOptions, DerivedKey } from "../types.ts";
import { type Batch, createBatchKey, deriveKey, formatBatch } from "./derive.ts";
import { checkOptions, isShortText, keyRow, wrong } from "./options.ts";
import { bindSerials } from "./serials.ts";

const MAX_USES = 1_000_000;
const YEAR_MS: number = 365 * DAY_MS;
const MAX_AT_ONCE = 10_000;

/**
 * A key for a factory, from which the registration key of every serial number follows. Its 32 bytes stand in a file of
 * their own under keys/, never in the registry. Errors: ERR_KEY_OPTIONS, ERR_IDENTITY_INVALID
 */
export async function createBatch(context: Context, name: string, options: BatchOptions): Promise<BatchListing> {
  if (!/^[A-Za-z0-9](?:[A-Za-z0-9._-]{0,62}[A-Za-z0-9])?$/.test(name)) {
    throw wrong('a batch has a name of 1 to 64 letters, digits, ".", "_" and "-"');
  }
  const { serials = [], ...rest } = options;
  // The serial number is the bound that a key for several needs; it is checked by the derivation itself.
  const full = { expiresInMs: YEAR_MS, ...rest, uses: 1 };
  checkOptions({ ...full, serials });
  if (context.keyring.isFull) throw wrong("there are too many batches");
  const batch: Batch = { id: encodeCrockford(context.random(5)), name, key: createBatchKey(context.random) };
  const row = {
    ...keyRow(context, full, {
      id: batch.id,
      form: "derived",
      secret_hmac: "",
      serial_rule: serials.length === 0 ? "required" : "listed",
    }),
    uses: serials.length === 0 ? MAX_USES : new Set(serials).size,
    note: options.note ?? name,
    issuer: name,
    claims: JSON.stringify({ ...options.claims, batch: options.claims?.["batch"] ?? name }),
  };
  const taken = await context.database
    .selectFrom("registration_key")
    .select("id")
    .where("form", "=", "derived")
    .where("issuer", "=", name)
    .executeTakeFirst();
  if (taken !== undefined) throw wrong(`the batch "${name}" is there already`);
  // The file first: a row without it would refuse keys that were printed, a file without a row opens nothing.
  context.keyring.addBatch(batch);
  await context.database.transaction().execute(async (transaction) => {
    await transaction.insertInto("registration_key").values(row).execute();
    await bindSerials(transaction, batch.id, [...new Set(serials)]);
    await context.edge(transaction, {
      kind: "enrolment",
      event: "key-created",
      key: batch.id,
      detail: { batch: name },
    });
  });
  await context.committed();
  return { id: batch.id, name, expires: iso(row.expires), pin: context.authority.pin };
}

/** The registration keys of these serial numbers. Errors: ERR_KEY_UNKNOWN, ERR_KEY_OPTIONS */
export async function deriveKeys(
  context: Context,
  name: string,
  serials: readonly string[],
): Promise<readonly DerivedKey[]> {
  return derivedKeys(await batchNamed(context, name), serials);
}

/** The same with the batch file alone, at a factory. Error: ERR_KEY_OPTIONS */
export function derivedKeys(batch: Batch, serials: readonly string[]): readonly DerivedKey[] {
  if (serials.length > MAX_AT_ONCE) throw wrong(`at once ${MAX_AT_ONCE} are made at most`);
  return [...new Set(serials)].map((serial) => {
    if (!isShortText(serial)) throw wrong("a serial number has 1 to 200 printable characters");
    return { id: batch.id, key: deriveKey(batch, serial), serial };
  });
}

/** The batch file, to be kept in the factory's safe. That it left is on record first. Error: ERR_KEY_UNKNOWN */
export async function exportBatch(context: Context, name: string): Promise<string> {
  const batch = await batchNamed(context, name);
  await context.database.transaction().execute(async (transaction) => {
    const draft = { kind: "enrolment", event: "key-batch-exported", key: batch.id, detail: { batch: name } } as const;
    await context.edge(transaction, draft);
  });
  await context.committed();
  return formatBatch(batch);
}

async function batchNamed(context: Context, name: string): Promise<Batch> {
  const row = await context.database
    .selectFrom("registration_key")
    .select("id")
    .where("form", "=", "derived")
    .where("issuer", "=", name)
    .executeTakeFirst();
  const batch = row === undefined ? undefined : context.keyring.batch(row.id);
  if (batch !== undefined) return batch;
  const why = row === undefined ? "no batch has" : "its file under keys/ is missing: nothing can be derived from";
  throw new IdentityError("ERR_KEY_UNKNOWN", `${why} the name "${name.slice(0, 80)}"`);
}
