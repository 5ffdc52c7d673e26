import type { Kysely } from "kysely";
import type { SubjectRecord } from "../types.ts";
import { kindOf, parseList, stateOf } from "./columns.ts";
import { joinedRows } from "./identities.ts";
import type { IdentityRow, Registry } from "./schema.ts";

/** Of each identity so many replaced certificates are told apart from those of strangers. */
const SUPERSEDED = 2;
/** Ways to enrol whose clients know no confirmation: to show the certificate is theirs. */
const CONFIRMED_BY_SHOWING: ReadonlySet<string> = new Set(["est", "air-gap"]);

/** Everything but the retired, as the lines need it; with `ids` only those of them. */
export async function subjects(database: Kysely<Registry>, ids?: readonly string[]): Promise<readonly SubjectRecord[]> {
  const rows = await joinedRows(database, { notState: "retired", ...(ids === undefined ? {} : { ids }) });
  const superseded = await supersededOf(database, ids);
  return rows.map((row) => {
    const awaiting = awaitingOf(row);
    const replaced = superseded.get(row.id.toLowerCase());
    return {
      id: row.id,
      kind: kindOf(row.kind),
      role: row.role,
      state: stateOf(row.state),
      ...(row.fingerprint === null ? {} : { fingerprint: row.fingerprint }),
      ...(row.expires === null ? {} : { expires: row.expires }),
      ...(awaiting === null ? {} : { awaiting }),
      ...(replaced === undefined ? {} : { superseded: replaced }),
      ...(row.source === null ? {} : { source: row.source }),
      ...(row.tags === "[]" ? {} : { tags: parseList(row.tags) }),
      ...(row.kind !== "device" || row.unit === null ? {} : { unit: row.unit }),
    };
  });
}

function awaitingOf({ method, state, fingerprint, next_fingerprint: next }: IdentityRow): string | null {
  if (!CONFIRMED_BY_SHOWING.has(method)) return null;
  return state === "claimed" ? fingerprint : state === "active" ? next : null;
}

async function supersededOf(
  database: Kysely<Registry>,
  ids: readonly string[] | undefined,
): Promise<ReadonlyMap<string, readonly string[]>> {
  const found = new Map<string, string[]>();
  const all = database
    .selectFrom("certificate")
    .select(["identity_id", "fingerprint"])
    .where("reason", "=", "superseded")
    .orderBy("issued", "desc");
  // SQLite takes a bounded number of values in one statement.
  for (let at = 0; at < (ids?.length ?? 1); at += 500) {
    const rows = ids === undefined ? all : all.where("identity_id", "in", ids.slice(at, at + 500));
    for (const { identity_id: id, fingerprint } of await rows.execute()) {
      const known = found.get(id.toLowerCase());
      if (known === undefined) found.set(id.toLowerCase(), [fingerprint]);
      else if (known.length < SUPERSEDED) known.push(fingerprint);
    }
  }
  return found;
}
