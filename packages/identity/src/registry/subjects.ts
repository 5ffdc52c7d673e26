import type { Kysely } from "kysely";
import type { SubjectRecord } from "../types.ts";
import { kindOf, stateOf } from "./columns.ts";
import { joinedRows } from "./identities.ts";
import type { Registry } from "./schema.ts";

/** Everything but the retired, as the lines need it; with `ids` only those of them. */
export async function subjects(database: Kysely<Registry>, ids?: readonly string[]): Promise<readonly SubjectRecord[]> {
  const rows = await joinedRows(database, { notState: "retired", ...(ids === undefined ? {} : { ids }) });
  return rows.map((row) => ({
    id: row.id,
    kind: kindOf(row.kind),
    role: row.role,
    state: stateOf(row.state),
    ...(row.fingerprint === null ? {} : { fingerprint: row.fingerprint }),
    ...(row.expires === null ? {} : { expires: row.expires }),
    ...(row.source === null ? {} : { source: row.source }),
  }));
}
