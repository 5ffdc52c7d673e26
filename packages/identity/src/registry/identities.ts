import type { Kysely } from "kysely";
import { type Context, iso, LEAF_LIFETIME_MS, RECOVERY_LIMIT } from "../context.ts";
import { IdentityError } from "../errors.ts";
import type { IdentityEventName } from "../events.ts";
import { checkId, checkRole, networkOf } from "../names.ts";
import type { IdentityDetails, IdentityListing, IdentityState, NewIdentity, SubjectRecord } from "../types.ts";
import { kindOf, parseList, parseRecord, stateOf } from "./columns.ts";
import type { CertificateRow, IdentityRow, Registry } from "./schema.ts";

type JoinedRow = IdentityRow & {
  readonly expires: CertificateRow["expires"] | null;
  readonly serial_number: string | null;
};

/** Enters what cannot enrol itself: a client known by its address, a device behind the gateway. */
export async function addIdentity(context: Context, identity: NewIdentity): Promise<IdentityListing> {
  checkId(identity.id);
  if (identity.role !== null) checkRole(identity.role);
  if (identity.source !== undefined) networkOf(identity.source);
  await context.database.transaction().execute(async (transaction) => {
    await makeRoom(transaction, identity.id, "ERR_IDENTITY_TAKEN");
    await transaction
      .insertInto("identity")
      .values({
        ...newRow(identity.id, kindOf(identity.kind), context.now().getTime()),
        role: identity.role,
        state: "active",
        source: identity.source ?? null,
        method: "added",
      })
      .execute();
    const role = identity.role === null ? {} : { role: identity.role };
    await context.edge(transaction, { kind: "identity", event: "added", id: identity.id, ...role });
  });
  await context.committed();
  return await showIdentity(context, identity.id).then(listing);
}

export async function listIdentities(context: Context): Promise<readonly IdentityListing[]> {
  return (await joined(context.database).orderBy("identity.id").execute()).map((row) => listing(details(row)));
}

/** Error: ERR_IDENTITY_UNKNOWN */
export async function showIdentity(context: Context, id: string): Promise<IdentityDetails> {
  const found = await findIdentity(context, id);
  if (found === undefined) throw unknown(id);
  return found;
}

export async function findIdentity(context: Context, id: string): Promise<IdentityDetails | undefined> {
  const row = await joined(context.database).where("identity.id", "=", id).executeTakeFirst();
  return row === undefined ? undefined : details(row);
}

/** Everything but the retired, as the lines need it; with `ids` only those of them. */
export async function subjects(database: Kysely<Registry>, ids?: readonly string[]): Promise<readonly SubjectRecord[]> {
  const everyone = joined(database).where("identity.state", "!=", "retired");
  const rows: JoinedRow[] = [];
  if (ids === undefined) rows.push(...(await everyone.execute()));
  // SQLite takes a bounded number of values in one statement.
  else
    for (let at = 0; at < ids.length; at += 500) {
      rows.push(...(await everyone.where("identity.id", "in", ids.slice(at, at + 500)).execute()));
    }
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

export type Step = "approve" | "suspend" | "resume" | "revoke" | "retire";

const STEPS: Readonly<
  Record<
    Step,
    { readonly from: readonly IdentityState[]; readonly to: IdentityState; readonly event: IdentityEventName }
  >
> = {
  approve: { from: ["pending"], to: "approved", event: "approved" },
  suspend: { from: ["active"], to: "suspended", event: "suspended" },
  resume: { from: ["suspended"], to: "active", event: "resumed" },
  revoke: { from: ["pending", "approved", "claimed", "active", "suspended"], to: "revoked", event: "revoked" },
  retire: {
    from: ["pending", "approved", "claimed", "active", "suspended", "revoked"],
    to: "retired",
    event: "retired",
  },
};

/** Moves an identity along one edge. Errors: ERR_IDENTITY_UNKNOWN, ERR_IDENTITY_STATE */
export async function stepIdentity(context: Context, id: string, step: Step): Promise<IdentityListing> {
  const { from, to, event } = STEPS[step];
  const now = context.now().getTime();
  const before = await context.database.transaction().execute(async (transaction) => {
    const row = await transaction.selectFrom("identity").selectAll().where("id", "=", id).executeTakeFirst();
    if (row === undefined) throw unknown(id);
    const state = stateOf(row.state);
    if (!from.includes(state)) {
      throw new IdentityError("ERR_IDENTITY_STATE", `"${row.id}" is ${state}: ${step} is for ${from.join(", ")}`);
    }
    const final = to === "revoked" || to === "retired";
    await transaction
      .updateTable("identity")
      .set({ state: to, reason: null, changed: now, ...(final ? { public_key: null, claim_hmac: null } : {}) })
      .where("id", "=", id)
      .execute();
    if (final) await revokeCertificates(transaction, id, now, to);
    const fingerprint = row.fingerprint === null ? {} : { fingerprint: row.fingerprint };
    await context.edge(transaction, { kind: "identity", event, id: row.id, ...fingerprint });
    return row;
  });
  await context.committed();
  return await showIdentity(context, before.id).then(listing);
}

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
 * Makes sure that `id` is new or free: never seen, retired, or never confirmed. A revoked name stays taken until it is
 * retired, so that nobody slips into it.
 */
export async function makeRoom(
  database: Kysely<Registry>,
  id: string,
  code: "ERR_IDENTITY_TAKEN" | "ERR_ENROLMENT_TAKEN",
): Promise<void> {
  const row = await database.selectFrom("identity").selectAll().where("id", "=", id).executeTakeFirst();
  if (row === undefined) return;
  if (!isFree(row)) {
    const hint = row.state === "revoked" ? "retire it first, or choose another" : "choose another";
    throw new IdentityError(code, `the name "${id}" is taken: ${hint}`);
  }
  await database.deleteFrom("identity").where("id", "=", id).execute();
}

export function isFree(row: Pick<IdentityRow, "state" | "reason">): boolean {
  return row.state === "retired" || (row.state === "revoked" && row.reason === "unconfirmed");
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
  };
}

function joined(database: Kysely<Registry>) {
  return database
    .selectFrom("identity")
    .leftJoin("certificate", "certificate.fingerprint", "identity.fingerprint")
    .selectAll("identity")
    .select(["certificate.expires as expires", "certificate.serial_number as serial_number"]);
}

function details(row: JoinedRow): IdentityDetails {
  return {
    id: row.id,
    kind: kindOf(row.kind),
    role: row.role,
    state: stateOf(row.state),
    serial: row.serial,
    fingerprint: row.fingerprint,
    expires: row.expires === null ? null : iso(row.expires),
    reason: row.reason,
    model: row.model,
    claims: parseRecord(row.claims),
    names: parseList(row.names),
    source: row.source,
    key: row.key_id,
    registered: iso(row.registered),
    changed: iso(row.changed),
    certificateSerial: row.serial_number,
  };
}

function listing({ id, kind, role, state, serial, fingerprint, expires }: IdentityDetails): IdentityListing {
  return { id, kind, role, state, serial, fingerprint, expires };
}

function unknown(id: string): IdentityError {
  return new IdentityError("ERR_IDENTITY_UNKNOWN", `nothing is registered as "${id.slice(0, 80)}"`);
}
