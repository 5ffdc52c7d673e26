import type { Kysely } from "kysely";
import type { IssuedCertificate } from "../authority/authority.ts";
import { CONFIRM_WITHIN_MS, type Context, iso } from "../context.ts";
import { kindOf, parseList } from "../registry/columns.ts";
import type { CertificateRow, IdentityRow, Registry } from "../registry/schema.ts";
import type { ClaimedEnrolment } from "../types.ts";
import { bundleFor } from "./bundle.ts";

/** Issues for the public key in `row` and enters both; the identity is claimed from now on. */
export async function enterClaimed(
  context: Context,
  transaction: Kysely<Registry>,
  row: IdentityRow,
): Promise<CertificateRow> {
  const certificate = await issueFor(context, transaction, row);
  await transaction.insertInto("identity").values(claimedBy(row, certificate)).execute();
  return certificate;
}

/** The same for one that is in the registry; `issued` where another authority has done so. */
export async function issueClaimed(
  context: Context,
  transaction: Kysely<Registry>,
  row: IdentityRow,
  issued?: IssuedCertificate,
): Promise<CertificateRow> {
  const certificate = await issueFor(context, transaction, row, issued);
  const { state, fingerprint, changed } = claimedBy(row, certificate);
  await transaction.updateTable("identity").set({ state, fingerprint, changed }).where("id", "=", row.id).execute();
  return certificate;
}

function claimedBy(row: IdentityRow, { fingerprint, issued }: CertificateRow): IdentityRow {
  return { ...row, state: "claimed", fingerprint, changed: issued };
}

async function issueFor(
  context: Context,
  transaction: Kysely<Registry>,
  row: IdentityRow,
  elsewhere?: IssuedCertificate,
): Promise<CertificateRow> {
  const now = context.now();
  const issued =
    elsewhere ??
    (await context.authority.issue({
      id: row.id,
      kind: kindOf(row.kind),
      role: row.role,
      names: parseList(row.names),
      publicKey: Buffer.from(row.public_key ?? "", "base64"),
      now,
      lifetimeMs: row.certificate_lifetime_ms,
    }));
  const certificate: CertificateRow = {
    fingerprint: issued.fingerprint,
    identity_id: row.id,
    serial_number: issued.serialNumber,
    chain: issued.chain,
    issued: now.getTime(),
    expires: issued.expires.getTime(),
    confirm_by: now.getTime() + (row.confirm_within_ms ?? CONFIRM_WITHIN_MS),
    revoked: null,
    reason: null,
  };
  await transaction.insertInto("certificate").values(certificate).execute();
  return certificate;
}

export async function claimedAnswer(
  context: Context,
  row: IdentityRow,
  certificate: CertificateRow,
): Promise<ClaimedEnrolment> {
  return {
    id: row.id,
    role: row.role,
    state: "claimed",
    chain: certificate.chain,
    anchors: [context.authority.root],
    fingerprint: certificate.fingerprint,
    expires: iso(certificate.expires),
    confirmBy: iso(certificate.confirm_by ?? certificate.issued),
    serverTime: context.now().toISOString(),
    bundle: await bundleFor(context, row, certificate, row.join_counter),
  };
}
