import { sql } from "kysely";
import { type Context, DAY_MS, LEAF_LIFETIME_MS } from "../context.ts";
import { IdentityError } from "../errors.ts";
import type { RefusalReason } from "../events.ts";
import type { KeyRow } from "../registry/schema.ts";
import { type KeyQuestion, type KeyVerdict, refusalOf, rowOf } from "./judge.ts";
import type { TrustedIssuer } from "./keyring.ts";
import type { OfflineClaims } from "./offline-claims.ts";
import { isSignedBy, type OfflineKey, parseOfflineKey } from "./offline-key.ts";
import { lookUpSerial } from "./serials.ts";

/** How far the clock of whoever signs may be ahead of this one. */
const CLOCK_TOLERANCE_MS = 300_000;

/** A key that its issuer signed: verified with the public key alone, its uses counted in the ledger. */
export async function judgeOfflineKey(context: Context, text: string, question: KeyQuestion): Promise<KeyVerdict> {
  const { key, issuer, proven } = prove(context, text);
  const id = key === undefined ? "" : ledgerId(key.claims);
  const { row: kept, found } = await rowOf(context, "id", id);
  const elsewhere = await usedElsewhere(context, id, question.serial ?? "");
  const serial = await lookUpSerial(context.database, id, question.serial ?? "");
  const outlived = await hasOutlived(context, key?.claims, question.serial ?? "");
  if (key === undefined) return { good: false, reason: "malformed" };
  if (issuer === undefined) return { good: false, reason: "unknown" };
  if (!proven) return { good: false, reason: "wrong-secret" };
  const { claims } = key;
  const row = rowFor(context, claims, issuer, found ? kept : undefined);
  const listed = claims.serials?.includes(question.serial ?? "") ?? false;
  const against =
    ofIssuer(context, claims, issuer, row) ??
    refusalOf(row, context.now().getTime(), question, { proven, listed, struck: serial.struck || outlived }) ??
    (row.used + elsewhere.used >= row.uses || elsewhere.serial ? "used-up" : undefined);
  return against === undefined ? { good: true, row } : { good: false, reason: against, key: id };
}

/** The row of a key that its issuer signed for this site, whatever has become of it; undefined where none did. */
export async function provenLedgerRow(context: Context, text: string): Promise<KeyRow | undefined> {
  const { key, issuer, proven } = prove(context, text);
  const { row, found } = await rowOf(context, "id", key === undefined ? "" : ledgerId(key.claims));
  if (key === undefined || issuer === undefined || !proven || key.claims.pin !== context.authority.pin)
    return undefined;
  return rowFor(context, key.claims, issuer, found ? row : undefined);
}

function prove(
  context: Context,
  text: string,
): { readonly key: OfflineKey | undefined; readonly issuer: TrustedIssuer | undefined; readonly proven: boolean } {
  const key = tryParse(text);
  const issuer = context.keyring.issuer(key?.claims.issuer ?? "");
  const proven = key !== undefined && isSignedBy(key, issuer?.publicKey ?? context.keyring.decoyIssuer);
  return { key, issuer, proven };
}

/** The id in the ledger: two issuers cannot use up each other's keys. */
function ledgerId(claims: Pick<OfflineClaims, "issuer" | "id">): string {
  return `${claims.issuer}.${claims.id}`;
}

/** The row that its first use enters; what the signature says counts, the row keeps what happened since. */
function rowFor(
  context: Context,
  claims: OfflineClaims,
  issuer: Pick<TrustedIssuer, "roles">,
  kept: KeyRow | undefined,
): KeyRow {
  return {
    id: ledgerId(claims),
    secret_hmac: "",
    form: "offline",
    kind: claims.kind,
    roles: JSON.stringify(claims.roles.filter((role) => issuer.roles.includes(role))),
    names: "[]",
    uses: claims.uses,
    used: kept?.used ?? 0,
    approval: claims.approval,
    model: claims.model ?? null,
    claims: JSON.stringify(claims.claims ?? {}),
    sources: "[]",
    serial_rule: claims.serials === undefined ? "any" : "listed",
    certificate_lifetime_ms: claims.certificateDays === undefined ? LEAF_LIFETIME_MS : claims.certificateDays * DAY_MS,
    created: kept?.created ?? context.now().getTime(),
    not_before: claims.notBefore * 1000 - CLOCK_TOLERANCE_MS,
    expires: claims.expires * 1000,
    revoked: kept?.revoked ?? null,
    revoked_reason: kept?.revoked_reason ?? null,
    identity_id: claims.name ?? null,
    unit: claims.unit ?? null,
    note: null,
    issuer: claims.issuer,
    public_key: null,
  };
}

/** The issuer's ceiling, and whether the key is for this site at all. */
function ofIssuer(
  context: Context,
  claims: OfflineClaims,
  issuer: TrustedIssuer,
  row: KeyRow,
): RefusalReason | undefined {
  if (claims.pin !== context.authority.pin) return "unknown";
  if (issuer.revoked) return "revoked";
  if (!issuer.kinds.includes(claims.kind)) return "role";
  return claims.roles.length > 0 && row.roles === "[]" ? "role" : undefined;
}

/**
 * Whether what it is for was revoked or retired here since it was signed: of a key that was not used here yet the
 * registry could not know at that time. Always one row.
 */
async function hasOutlived(context: Context, claims: OfflineClaims | undefined, serial: string): Promise<boolean> {
  const signedBy = ((claims?.notBefore ?? 0) + 1) * 1000;
  const { removed } = await context.database
    .selectFrom("identity")
    .select(({ fn }) => fn.countAll<number>().as("removed"))
    .where("state", "in", ["revoked", "retired"])
    // Where there is a reason nobody had become anybody.
    .where("reason", "is", null)
    .where("changed", ">=", signedBy)
    .where((of) => of.or([of("id", "=", claims?.name ?? ""), of("serial", "=", serial)]))
    .executeTakeFirstOrThrow();
  return removed > 0;
}

/** What ledgers of other sites and gateways say, as far as they were imported. Always one row. */
async function usedElsewhere(
  context: Context,
  id: string,
  serial: string,
): Promise<{ readonly used: number; readonly serial: boolean }> {
  const row = await context.database
    .selectFrom("ledger_peer")
    .select([
      sql<number>`coalesce(sum(used), 0)`.as("used"),
      sql<number>`coalesce(sum(exists (select 1 from json_each(ledger_peer.serials) where value = ${serial})), 0)`.as(
        "serials",
      ),
    ])
    .where("key_id", "=", id)
    .executeTakeFirstOrThrow();
  return { used: row.used, serial: row.serials > 0 };
}

function tryParse(text: string): OfflineKey | undefined {
  try {
    return parseOfflineKey(text);
  } catch (error) {
    if (error instanceof IdentityError) return undefined;
    throw error;
  }
}
