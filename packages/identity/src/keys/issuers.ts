import { type Context, iso } from "../context.ts";
import { IdentityError } from "../errors.ts";
import { checkRole } from "../names.ts";
import { kindOf, parseList } from "../registry/columns.ts";
import type { IssuerListing, IssuerTrust } from "../types.ts";
import { parseKeyIssuer } from "./issuer-file.ts";

/** Nobody trusts more. */
const MAX_ISSUERS = 1000;

/**
 * From now on keys that this issuer signs open enrolments, with these kinds and roles at most: none named, none given.
 * One that was revoked stays so. Errors: ERR_KEY_FILE, ERR_KEY_ISSUER, ERR_IDENTITY_INVALID
 */
export async function trustIssuer(context: Context, trust: IssuerTrust): Promise<IssuerListing> {
  const issuer = parseKeyIssuer(trust.file);
  for (const role of trust.roles) checkRole(role);
  const kinds = [...new Set(trust.kinds)].map(kindOf);
  const row = {
    id: issuer.id,
    name: issuer.name,
    public_key: issuer.publicKey.export({ type: "spki", format: "der" }).toString("base64"),
    kinds: JSON.stringify(kinds),
    roles: JSON.stringify([...new Set(trust.roles)]),
    created: context.now().getTime(),
    revoked: null,
  };
  await context.database.transaction().execute(async (transaction) => {
    const known = await transaction.selectFrom("key_issuer").selectAll().execute();
    const before = known.find(({ id }) => id === issuer.id);
    if (before?.revoked != null) throw refused(`the issuer "${before.name}" was revoked: make a new one`);
    if (before === undefined && known.length >= MAX_ISSUERS)
      throw refused(`${MAX_ISSUERS} issuers are trusted at most`);
    const { id: _, created: __, ...changed } = row;
    await transaction
      .insertInto("key_issuer")
      .values(row)
      .onConflict((conflict) => conflict.column("id").doUpdateSet(changed))
      .execute();
    await context.edge(transaction, {
      kind: "enrolment",
      event: "issuer-trusted",
      detail: { issuer: issuer.id, name: issuer.name, kinds: kinds.join(","), roles: trust.roles.join(",") },
    });
  });
  await context.keyring.readIssuers(context.database);
  await context.committed();
  return await issuerById(context, issuer.id);
}

export async function listIssuers(context: Context): Promise<readonly IssuerListing[]> {
  const rows = await context.database.selectFrom("key_issuer").selectAll().orderBy("created").execute();
  return rows.map((row) => ({
    id: row.id,
    name: row.name,
    state: row.revoked === null ? "trusted" : "revoked",
    kinds: parseList(row.kinds).map(kindOf),
    roles: parseList(row.roles),
    created: iso(row.created),
    revoked: row.revoked === null ? null : iso(row.revoked),
  }));
}

/** No key of it opens anything from now on; who enrolled by one stays. Error: ERR_KEY_ISSUER */
export async function revokeIssuer(context: Context, id: string): Promise<IssuerListing> {
  await issuerById(context, id);
  await context.database.transaction().execute(async (transaction) => {
    const revoked = await transaction
      .updateTable("key_issuer")
      .set({ revoked: context.now().getTime() })
      .where("id", "=", id)
      .where("revoked", "is", null)
      .executeTakeFirst();
    if (revoked.numUpdatedRows === 0n) return;
    await context.edge(transaction, { kind: "enrolment", event: "issuer-revoked", detail: { issuer: id } });
  });
  await context.keyring.readIssuers(context.database);
  await context.committed();
  return await issuerById(context, id);
}

async function issuerById(context: Context, id: string): Promise<IssuerListing> {
  const found = (await listIssuers(context)).find((issuer) => issuer.id === id);
  if (found === undefined) throw refused(`no issuer has the id "${id.slice(0, 40)}"`);
  return found;
}

function refused(why: string): IdentityError {
  return new IdentityError("ERR_KEY_ISSUER", why);
}
