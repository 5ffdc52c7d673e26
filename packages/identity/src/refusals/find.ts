import { type Kysely, sql } from "kysely";
import type { Context } from "../context.ts";
import { foldCrockford, isCrockford } from "../crockford.ts";
import { IdentityError } from "../errors.ts";
import { type EventRow, eventOf } from "../event-row.ts";
import type { RefusalReason } from "../events.ts";
import { showKey } from "../keys/list.ts";
import { findIdentity } from "../registry/identities.ts";
import type { Registry } from "../registry/schema.ts";
import type { RefusalExplanation, RefusalListing, RefusalQuery } from "../types/refusals.ts";
import { REASONS } from "./reasons.ts";

const CODE_CHARACTERS = 8;
const DEFAULT_LIMIT = 100;
const MAX_LIMIT = 1000;
/** Who enrolled with a key for many; the sentence names a few. */
const MAX_ENROLLED = 20;

/** The newest first. */
export async function listRefusals(context: Context, query: RefusalQuery): Promise<readonly RefusalListing[]> {
  const limit = Math.min(Math.max(1, query.limit ?? DEFAULT_LIMIT), MAX_LIMIT);
  let rows = refused(context.database).orderBy("edge", "desc").limit(limit);
  if (query.key !== undefined) rows = rows.where("key_id", "=", query.key);
  const { name } = query;
  if (name !== undefined) {
    rows = rows.where(
      sql<boolean>`(identity_id = ${name} or json_extract(fields, '$.detail.name') = ${name} collate nocase)`,
    );
  }
  return (await rows.execute()).map(listing);
}

/**
 * What became of the request whose sender was given this code. The code is read as people read it out: case, O for 0,
 * I and L for 1, spaces and dashes are forgiven. Error: ERR_REFUSAL_UNKNOWN
 */
export async function explainRefusal(context: Context, code: string): Promise<RefusalExplanation> {
  const folded = foldCrockford(code.replaceAll(/[\s-]/g, ""));
  if (folded.length !== CODE_CHARACTERS || !isCrockford(folded)) {
    throw new IdentityError("ERR_REFUSAL_UNKNOWN", "a correlation code has 8 letters and digits, such as YAHQXBQ1");
  }
  const { database } = context;
  const row = await refused(database).where("correlation", "=", folded).orderBy("edge", "desc").executeTakeFirst();
  if (row === undefined) {
    throw new IdentityError(
      "ERR_REFUSAL_UNKNOWN",
      `no refusal that is kept here has the code ${folded}: it is another site's, one of very many of a throttled source, or older than the newest 10,000 (the audit log has those)`,
    );
  }
  const refusal = listing(row);
  const key =
    refusal.key === null
      ? undefined
      : await database.selectFrom("registration_key").selectAll().where("id", "=", refusal.key).executeTakeFirst();
  const identity = await database
    .selectFrom("identity")
    .selectAll()
    .where("id", "=", refusal.name ?? "")
    .executeTakeFirst();
  const enrolled = await database
    .selectFrom("identity")
    .select("id")
    .where("key_id", "=", refusal.key ?? "")
    .limit(MAX_ENROLLED)
    .execute();
  const keyNow = key === undefined ? null : await showKey(context, key.id);
  const serials = keyNow?.serials ?? [];
  return {
    ...refusal,
    ...REASONS[refusal.reason]({ refusal, key, serials, identity, enrolled: enrolled.map(({ id }) => id) }),
    page: `docs/refusals/${refusal.reason}.md`,
    keyNow,
    identityNow: (identity === undefined ? undefined : await findIdentity(context, identity.id)) ?? null,
  };
}

function refused(database: Kysely<Registry>) {
  return database.selectFrom("event").selectAll().where("event", "=", "refused");
}

function listing(row: EventRow): RefusalListing {
  const { edge, at, reason, correlation, source, key, fingerprint, id, detail = {} } = eventOf(row);
  const { name, ...said } = detail;
  return {
    edge,
    time: at.toISOString(),
    reason: isReason(reason) ? reason : "request",
    correlation: correlation ?? null,
    source: source ?? null,
    key: key ?? null,
    fingerprint: fingerprint ?? null,
    name: id ?? (name === undefined ? null : String(name)),
    said,
  };
}

/** A registry of a newer version may know more. */
function isReason(text: string | undefined): text is RefusalReason {
  return text !== undefined && Object.hasOwn(REASONS, text);
}
