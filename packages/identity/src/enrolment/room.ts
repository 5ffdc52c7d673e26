import type { Kysely } from "kysely";
import { IdentityError } from "../errors.ts";
import { isForgotten, isFree, isProxied, removeRow } from "../registry/rows.ts";
import type { IdentityRow, KeyRow, Registry } from "../registry/schema.ts";
import type { Reach } from "../types/site.ts";

/**
 * Makes room for what enrols as `id`. The id is free when nobody has it or ever had; one that is kept for a key, and a
 * device that the site file lists and that stands for itself from now on, only with a key that was made for this very
 * id. Error: ERR_ENROLMENT_TAKEN
 */
export async function makeRoomFor(database: Kysely<Registry>, id: string, key: KeyRow, nowMs: number): Promise<void> {
  const row = await database.selectFrom("identity").selectAll().where("id", "=", id).executeTakeFirst();
  if (row === undefined) return;
  const own = key.identity_id?.toLowerCase() === id.toLowerCase();
  const kept = row.state === "issued" || isProxied(row);
  if (!isFree(row) && !(kept && own) && !(await isForgotten(database, row, nowMs))) {
    throw new IdentityError("ERR_ENROLMENT_TAKEN", `the name "${id}" is taken: ${hintFor(row)}`);
  }
  await removeRow(database, id);
}

/** Whether a key still opens an enrolment. */
function isOpen(key: KeyRow | undefined, nowMs: number): key is KeyRow {
  return key !== undefined && key.revoked === null && key.expires > nowMs && key.used < key.uses;
}

/**
 * What is left of an identity that did not become one: a listed device is the gateway's again, an id that is kept for
 * an open key is kept on, and any other is free.
 */
export function remainsOf(
  row: IdentityRow,
  key: KeyRow | undefined,
  options: { readonly reason: string; readonly nowMs: number; readonly reach: readonly Reach[] },
): Partial<IdentityRow> {
  const { reason, nowMs: changed, reach } = options;
  const nothing = { public_key: null, csr: null, claim_hmac: null, changed } as const;
  const listed = reach.find(({ device }) => device.toLowerCase() === row.id.toLowerCase());
  if (listed !== undefined && row.kind === "device") {
    const proxied = { method: "proxied", key_id: null, installer: null, names: "[]", role: null, unit: listed.unit };
    return { ...nothing, ...proxied, state: "active", reason: null, fingerprint: null };
  }
  if (isOpen(key, changed) && key.identity_id?.toLowerCase() === row.id.toLowerCase()) {
    return { ...nothing, state: "issued", reason: null, fingerprint: null };
  }
  return { ...nothing, state: "revoked", reason };
}

function hintFor(row: IdentityRow): string {
  if (row.state === "issued") return "it is kept for the holder of another key";
  if (isProxied(row)) return `the site speaks for this device; a key made with --name ${row.id} lets it enrol itself`;
  return row.state === "revoked" ? "retire it first, or choose another" : "choose another";
}
