import type { Kysely } from "kysely";
import { type Context, iso } from "../context.ts";
import { IdentityError } from "../errors.ts";
import type { IdentityDetails, IdentityListing, IdentityState } from "../types.ts";
import { kindOf, parseList, parseRecord, stateOf } from "./columns.ts";
import { parseCapabilities } from "./device.ts";
import type { CertificateRow, IdentityRow, Registry } from "./schema.ts";

/** An identity with what its current certificate says. */
export type JoinedRow = IdentityRow & {
  readonly expires: CertificateRow["expires"] | null;
  readonly serial_number: string | null;
  readonly confirm_by: number | null;
};

export async function listIdentities(context: Context): Promise<readonly IdentityListing[]> {
  return (await joinedRows(context.database)).map((row) => listing(details(row)));
}

/** Error: ERR_IDENTITY_UNKNOWN */
export async function showRow(context: Context, id: string): Promise<IdentityDetails> {
  const found = await findIdentity(context, id);
  if (found === undefined) throw unknown(id);
  return found;
}

export async function findIdentity(context: Context, id: string): Promise<IdentityDetails | undefined> {
  const [row] = await joinedRows(context.database, { ids: [id] });
  return row === undefined ? undefined : details(row);
}

/** What is asked of the registry; nothing: everyone. */
export interface Wanted {
  readonly ids?: readonly string[];
  readonly state?: IdentityState;
  readonly notState?: IdentityState;
}

/** Rows with their current certificates, by id. */
export async function joinedRows(database: Kysely<Registry>, wanted: Wanted = {}): Promise<readonly JoinedRow[]> {
  let query = database
    .selectFrom("identity")
    .leftJoin("certificate", "certificate.fingerprint", "identity.fingerprint")
    .selectAll("identity")
    .select([
      "certificate.expires as expires",
      "certificate.serial_number as serial_number",
      "certificate.confirm_by as confirm_by",
    ])
    .orderBy("identity.id");
  if (wanted.state !== undefined) query = query.where("identity.state", "=", wanted.state);
  if (wanted.notState !== undefined) query = query.where("identity.state", "!=", wanted.notState);
  if (wanted.ids === undefined) return await query.execute();
  const rows: JoinedRow[] = [];
  // SQLite takes a bounded number of values in one statement.
  for (let at = 0; at < wanted.ids.length; at += 500) {
    rows.push(...(await query.where("identity.id", "in", wanted.ids.slice(at, at + 500)).execute()));
  }
  return rows;
}

function details(row: JoinedRow): IdentityDetails {
  return {
    id: row.id,
    kind: kindOf(row.kind),
    role: row.role,
    tags: parseList(row.tags),
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
    nextFingerprint: row.next_fingerprint,
    renewals: row.join_counter,
    recoveries: row.recoveries,
    recoveryLimit: row.recovery_limit,
    unit: row.unit,
    address: row.address,
    firmware: row.firmware,
    capabilities: parseCapabilities(row.capabilities),
    configuration: parseRecord(row.configuration),
    method: row.method,
    installer: row.installer,
    confirmBy: row.confirm_by === null ? null : iso(row.confirm_by),
    approvalsNeeded: row.approvals_needed,
  };
}

export function listing({
  id,
  kind,
  role,
  state,
  serial,
  fingerprint,
  expires,
  tags,
}: IdentityDetails): IdentityListing {
  return { id, kind, role, state, serial, fingerprint, expires, tags };
}

export function unknown(id: string): IdentityError {
  return new IdentityError("ERR_IDENTITY_UNKNOWN", `nothing is registered as "${id.slice(0, 80)}"`);
}
