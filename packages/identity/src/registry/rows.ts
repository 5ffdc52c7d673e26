import type { Kysely } from "kysely";
import { LEAF_LIFETIME_MS, RECOVERY_LIMIT } from "../context.ts";
import { IdentityError } from "../errors.ts";
import type { IdentityRow, Registry } from "./schema.ts";

/** Why a certificate was revoked before its time. */
export type CertificateEnding = "revoked" | "retired" | "superseded" | "unconfirmed" | "clone";

/** Every certificate of an identity that still holds. */
export async function revokeCertificates(
  database: Kysely<Registry>,
  id: string,
  nowMs: number,
  reason: CertificateEnding,
): Promise<void> {
  await database
    .updateTable("certificate")
    .set({ revoked: nowMs, confirm_by: null, reason })
    .where("identity_id", "=", id)
    .where("revoked", "is", null)
    .execute();
}

/**
 * Makes sure that `id` is new or free: never seen, retired, never confirmed, or kept for a key that has ended. A revoked
 * name stays taken until it is retired, so that nobody slips into it.
 */
export async function makeRoom(database: Kysely<Registry>, id: string, nowMs: number): Promise<void> {
  const row = await database.selectFrom("identity").selectAll().where("id", "=", id).executeTakeFirst();
  if (row === undefined) return;
  if (!isFree(row) && !(await isForgotten(database, row, nowMs))) {
    const hint = row.state === "revoked" ? "retire it first, or choose another" : "choose another";
    throw new IdentityError("ERR_IDENTITY_TAKEN", `the name "${id}" is taken: ${hint}`);
  }
  await removeRow(database, id);
}

/** The id is free again for another one; what happened stays in the events. */
export async function removeRow(database: Kysely<Registry>, id: string): Promise<void> {
  await database.deleteFrom("approval").where("identity_id", "=", id).execute();
  await database.deleteFrom("identity").where("id", "=", id).execute();
}

/** Why an identity ended that nobody ever was: its id is free at once. */
const NEVER_WAS: ReadonlySet<string> = new Set(["unconfirmed", "denied", "lapsed"]);

export function isFree(row: Pick<IdentityRow, "state" | "reason">): boolean {
  return row.state === "retired" || (row.state === "revoked" && NEVER_WAS.has(row.reason ?? ""));
}

/** A device that the gateway speaks for: it has no certificate. */
export function isProxied(row: Pick<IdentityRow, "kind" | "state" | "fingerprint">): boolean {
  return row.kind === "device" && row.state === "active" && row.fingerprint === null;
}

/** An id is kept as long as the key that it is kept for could still be used. */
export async function isForgotten(database: Kysely<Registry>, row: IdentityRow, nowMs: number): Promise<boolean> {
  if (row.state !== "issued") return false;
  const holding = await database
    .selectFrom("registration_key")
    .select("id")
    .where("id", "=", row.key_id)
    .where("revoked", "is", null)
    .where("expires", ">", nowMs)
    .executeTakeFirst();
  return holding === undefined;
}

export function newRow(id: string, kind: string, nowMs: number): IdentityRow {
  return {
    id,
    kind,
    role: null,
    state: "pending",
    reason: null,
    serial: null,
    model: null,
    claims: "{}",
    names: "[]",
    source: null,
    key_id: null,
    registered: nowMs,
    changed: nowMs,
    fingerprint: null,
    public_key: null,
    claim_hmac: null,
    csr: null,
    certificate_lifetime_ms: LEAF_LIFETIME_MS,
    unit: null,
    address: null,
    firmware: null,
    capabilities: "{}",
    configuration: "{}",
    method: "api",
    installer: null,
    next_fingerprint: null,
    join_counter: 0,
    recoveries: 0,
    recovery_limit: RECOVERY_LIMIT,
    approvals_needed: 1,
    confirm_within_ms: null,
    tags: "[]",
  };
}
