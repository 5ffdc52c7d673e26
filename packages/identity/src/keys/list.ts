import { sql } from "kysely";
import { type Context, DAY_MS, iso } from "../context.ts";
import { eventOf } from "../event-row.ts";
import { listRefusals } from "../refusals/find.ts";
import { kindOf, parseList, parseRecord } from "../registry/columns.ts";
import type { KeyRow } from "../registry/schema.ts";
import type { KeyDetails, KeyListing, KeyListOptions } from "../types.ts";
import type { KeyForm } from "./options.ts";
import { keyById } from "./revoke.ts";
import { serialsOf } from "./serials.ts";
import { stateOf } from "./state.ts";

/** What one answer shows at most; the rest is counted. */
const MOST = 1000;
const MOST_SERIALS = 100;
const MOST_EVENTS = 20;
/** From here on the list says how long a key still holds. */
const WARN_DAYS = 30;

/** The newest first come last: what was made just now stands at the end, as in a log. */
export async function listKeys(context: Context, options: KeyListOptions = {}): Promise<readonly KeyListing[]> {
  const most = Math.min(options.limit ?? MOST, MOST);
  const rows = await context.database
    .selectFrom("registration_key")
    .selectAll()
    .where("form", options.form === undefined ? "<>" : "=", options.form ?? "decoy")
    .orderBy("created", "desc")
    // Those of one millisecond, such as the keys of one file, in the order in which they were entered.
    .orderBy(sql`rowid`, "desc")
    .limit(most)
    .execute();
  const listings: KeyListing[] = [];
  for (const row of rows.reverse()) listings.push(await listing(context, row));
  return listings;
}

/** How many keys there are, of one form or of all. */
export async function countKeys(context: Context, options: Pick<KeyListOptions, "form"> = {}): Promise<number> {
  const { count } = await context.database
    .selectFrom("registration_key")
    .select(({ fn }) => fn.countAll<number>().as("count"))
    .where("form", options.form === undefined ? "<>" : "=", options.form ?? "decoy")
    .executeTakeFirstOrThrow();
  return count;
}

/** Everything about one key but its secret. Error: ERR_KEY_UNKNOWN */
export async function showKey(context: Context, id: string): Promise<KeyDetails> {
  const row = await keyById(context.database, id);
  const identities = await context.database
    .selectFrom("identity")
    .select(["id", "state"])
    .where("key_id", "=", id)
    .orderBy("registered")
    .limit(MOST)
    .execute();
  return {
    ...(await listing(context, row)),
    names: parseList(row.names),
    claims: parseRecord(row.claims),
    sources: parseList(row.sources),
    certificateLifetimeMs: row.certificate_lifetime_ms,
    issuer: row.issuer,
    publicKey: row.public_key,
    revoked: row.revoked === null ? null : iso(row.revoked),
    identities,
    refusals: await listRefusals(context, { key: id, limit: MOST_EVENTS }),
    history: await historyOf(context, id),
  };
}

async function historyOf(context: Context, key: string): Promise<KeyDetails["history"]> {
  const events = await context.database
    .selectFrom("event")
    .selectAll()
    .where("key_id", "=", key)
    .where("event", "!=", "refused")
    .orderBy("edge", "desc")
    .limit(MOST_EVENTS)
    .execute();
  return events.map(eventOf).map(({ at, event, id, source }) => ({
    time: at.toISOString(),
    event,
    id: id ?? null,
    source: source ?? null,
  }));
}

async function listing(context: Context, row: KeyRow): Promise<KeyListing> {
  const now = context.now().getTime();
  const state = stateOf(row, now);
  const left = Math.ceil((row.expires - now) / DAY_MS);
  return {
    id: row.id,
    kind: kindOf(row.kind),
    roles: parseList(row.roles),
    state,
    uses: row.uses,
    used: row.used,
    serials: row.serial_rule === "any" ? [] : await serialsOf(context.database, row.id, MOST_SERIALS),
    approval: approvalOf(row.approval),
    created: iso(row.created),
    expires: iso(row.expires),
    form: row.form as KeyForm,
    name: row.identity_id,
    unit: row.unit,
    model: row.model,
    note: row.note,
    reason: row.revoked_reason,
    // A key that never held for longer than that ends as it was meant to.
    expiresInDays:
      state === "open" && left <= WARN_DAYS && row.expires - row.created > WARN_DAYS * DAY_MS ? left : null,
  };
}

function approvalOf(text: string): KeyListing["approval"] {
  return text === "manual" || text === "two" ? text : "auto";
}
