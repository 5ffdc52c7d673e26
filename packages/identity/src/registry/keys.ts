import type { Kysely } from "kysely";
import { type Context, DAY_MS, hmacEquals, hmacOf, iso, LEAF_LIFETIME_MS } from "../context.ts";
import { IdentityError } from "../errors.ts";
import type { RefusalReason } from "../events.ts";
import { checkRole, checkServerName, isPrintable, isWithin, networkOf } from "../names.ts";
import { createRegistrationKey, formatKey, parseRegistrationKey, type RegistrationKey } from "../registration-key.ts";
import type { CreatedKey, KeyListing, KeyOptions } from "../types.ts";
import { kindOf, parseList } from "./columns.ts";
import type { KeyRow, Registry } from "./schema.ts";

const MAX_USES = 100_000;
const MAX_LIST = 100_000;
const MAX_TEXT = 200;
const MAX_EXPIRY_MS: number = 3660 * DAY_MS;

/** Makes a key; what is stored cannot be turned back into it. Errors: ERR_KEY_OPTIONS, ERR_KEY_REUSABLE, ERR_IDENTITY_INVALID */
export async function createKey(context: Context, options: KeyOptions): Promise<CreatedKey> {
  checkOptions(options);
  const key = createRegistrationKey(context.random);
  const created = context.now().getTime();
  const expires = created + (options.expiresInMs ?? DAY_MS);
  const row: KeyRow = {
    id: key.id,
    secret_hmac: hmacOf(context.pepper, key.secret).toString("hex"),
    kind: options.kind,
    roles: JSON.stringify([...new Set(options.roles)]),
    names: JSON.stringify(options.names ?? []),
    uses: options.uses ?? 1,
    used: 0,
    serials: JSON.stringify([...new Set(options.serials ?? [])]),
    approval: options.approval ?? "auto",
    model: options.model ?? null,
    claims: JSON.stringify(options.claims ?? {}),
    sources: JSON.stringify(options.sources ?? []),
    certificate_lifetime_ms: options.certificateLifetimeMs ?? LEAF_LIFETIME_MS,
    created,
    expires,
    revoked: null,
    revoked_reason: null,
    form: "token",
    identity_id: null,
    unit: null,
    note: null,
    public_key: null,
    struck: "[]",
    issuer: null,
  };
  await context.database.transaction().execute(async (transaction) => {
    await transaction.insertInto("registration_key").values(row).execute();
    await context.edge(transaction, { kind: "enrolment", event: "key-created", key: key.id });
  });
  await context.committed();
  return { id: key.id, key: formatKey(key), expires: iso(expires), pin: context.authority.pin };
}

export async function listKeys(context: Context): Promise<readonly KeyListing[]> {
  const rows = await context.database.selectFrom("registration_key").selectAll().orderBy("created").execute();
  const now = context.now().getTime();
  return rows.map((row) => ({
    id: row.id,
    kind: kindOf(row.kind),
    roles: parseList(row.roles),
    state: stateOf(row, now) ?? "open",
    uses: row.uses,
    used: row.used,
    serials: parseList(row.serials),
    approval: row.approval === "manual" ? "manual" : "auto",
    created: iso(row.created),
    expires: iso(row.expires),
  }));
}

/** Error: ERR_KEY_UNKNOWN */
export async function revokeKey(context: Context, id: string): Promise<void> {
  await context.database.transaction().execute(async (transaction) => {
    const row = await transaction.selectFrom("registration_key").selectAll().where("id", "=", id).executeTakeFirst();
    if (row === undefined)
      throw new IdentityError("ERR_KEY_UNKNOWN", `no registration key has the id "${id.slice(0, 40)}"`);
    if (row.revoked !== null) return;
    const revoked = context.now().getTime();
    await transaction.updateTable("registration_key").set({ revoked }).where("id", "=", id).execute();
    await context.edge(transaction, { kind: "enrolment", event: "key-revoked", key: id });
  });
  await context.committed();
}

export type KeyVerdict =
  | { readonly good: true; readonly row: KeyRow }
  | { readonly good: false; readonly reason: RefusalReason; readonly key?: string };

/**
 * Looks at a key the same way whatever is wrong with it: one lookup, one HMAC, one comparison in constant time.
 * `key` of a verdict is set only for an id that exists.
 */
export async function judgeKey(
  context: Context,
  text: string,
  request: { readonly source: string; readonly serial?: string },
): Promise<KeyVerdict> {
  const parsed = tryParse(text);
  const row = await context.database
    .selectFrom("registration_key")
    .selectAll()
    .where("id", "=", parsed?.id ?? "")
    .executeTakeFirst();
  const proven = hmacEquals(context.pepper, parsed?.secret ?? "", row?.secret_hmac);
  if (parsed === undefined) return { good: false, reason: "malformed" };
  if (row === undefined) return { good: false, reason: "unknown" };
  const reason = proven ? refusalOf(row, context.now().getTime(), request) : "wrong-secret";
  return reason === undefined ? { good: true, row } : { good: false, reason, key: row.id };
}

/** Takes one use, unless the key stopped being good in between. */
export async function takeUse(database: Kysely<Registry>, id: string, nowMs: number): Promise<boolean> {
  const result = await database
    .updateTable("registration_key")
    .set((expression) => ({ used: expression("used", "+", 1) }))
    .where("id", "=", id)
    .where("revoked", "is", null)
    .where("expires", ">", nowMs)
    .whereRef("used", "<", "uses")
    .executeTakeFirst();
  return result.numUpdatedRows === 1n;
}

export async function giveUseBack(database: Kysely<Registry>, id: string): Promise<void> {
  await database
    .updateTable("registration_key")
    .set((expression) => ({ used: expression("used", "-", 1) }))
    .where("id", "=", id)
    .where("used", ">", 0)
    .execute();
}

function refusalOf(
  row: KeyRow,
  nowMs: number,
  request: { readonly source: string; readonly serial?: string },
): RefusalReason | undefined {
  const state = stateOf(row, nowMs);
  if (state !== undefined) return state;
  const sources = parseList(row.sources);
  if (sources.length > 0 && !isWithin(request.source, sources)) return "source";
  const serials = parseList(row.serials);
  if (serials.length > 0 && !serials.includes(request.serial ?? "")) return "serial";
  return undefined;
}

function stateOf(row: KeyRow, nowMs: number): "revoked" | "expired" | "used-up" | undefined {
  if (row.revoked !== null) return "revoked";
  if (row.expires <= nowMs) return "expired";
  return row.used >= row.uses ? "used-up" : undefined;
}

function tryParse(text: string): RegistrationKey | undefined {
  try {
    return parseRegistrationKey(text);
  } catch (error) {
    if (error instanceof IdentityError) return undefined;
    throw error;
  }
}

function checkOptions(options: KeyOptions): void {
  kindOf(options.kind);
  for (const role of options.roles) checkRole(role);
  for (const name of options.names ?? []) checkServerName(name);
  for (const source of options.sources ?? []) networkOf(source);
  const uses = options.uses ?? 1;
  const serials = options.serials ?? [];
  if (!Number.isInteger(uses) || uses < 1 || uses > MAX_USES)
    throw wrong(`uses is a whole number from 1 to ${MAX_USES}`);
  if (uses > 1 && serials.length === 0 && (options.approval ?? "auto") === "auto") {
    throw new IdentityError(
      "ERR_KEY_REUSABLE",
      "a key for several uses needs bound serial numbers or manual approval: whoever finds it could enrol as often",
    );
  }
  const names = options.names ?? [];
  if (names.length > 0 && uses > 1) throw wrong("names belong to one server: a key with names has one use");
  if (names.length > 0 && options.kind === "client") throw wrong("names belong to a server: a client has none");
  checkSpan("expiry", options.expiresInMs ?? DAY_MS);
  checkSpan("certificate lifetime", options.certificateLifetimeMs ?? LEAF_LIFETIME_MS);
  const claims = Object.entries(options.claims ?? {}).flat();
  for (const text of [...serials, ...claims, options.model ?? "-"]) {
    if (text.length === 0 || text.length > MAX_TEXT || !isPrintable(text))
      throw wrong(`serials, model and claims have 1 to ${MAX_TEXT} printable characters`);
  }
  if (serials.length > MAX_LIST || options.roles.length > 64 || names.length > 64 || claims.length > 128) {
    throw wrong("a list of its options is too long");
  }
}

function checkSpan(what: string, ms: number): void {
  if (!Number.isFinite(ms) || ms < 1000 || ms > MAX_EXPIRY_MS)
    throw wrong(`its ${what} is between one second and ten years`);
}

function wrong(why: string): IdentityError {
  return new IdentityError("ERR_KEY_OPTIONS", `such a registration key cannot be made: ${why}`);
}
