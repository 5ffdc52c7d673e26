import type { Kysely } from "kysely";
import { CONFIRM_WITHIN_MS, type Context } from "../context.ts";
import { kindOf, parseList } from "../registry/columns.ts";
import type { CertificateRow, IdentityRow, Registry } from "../registry/schema.ts";
import type { ClaimedEnrolment } from "../types.ts";

/** Issues for the public key in `row` and enters the certificate; the identity is claimed from now on. */
export async function issueClaimed(
  context: Context,
  transaction: Kysely<Registry>,
  row: IdentityRow,
): Promise<CertificateRow> {
  const now = context.now();
  const issued = await context.authority.issue({
    id: row.id,
    kind: kindOf(row.kind),
    role: row.role,
    names: parseList(row.names),
    publicKey: Buffer.from(row.public_key ?? "", "base64"),
    now,
    lifetimeMs: row.certificate_lifetime_ms,
  });
  const certificate: CertificateRow = {
    fingerprint: issued.fingerprint,
    identity_id: row.id,
    serial_number: issued.serialNumber,
    chain: issued.chain,
    issued: now.getTime(),
    expires: issued.expires.getTime(),
    confirm_by: now.getTime() + CONFIRM_WITHIN_MS,
    revoked: null,
    reason: null,
  };
  await transaction.insertInto("certificate").values(certificate).execute();
  await transaction
    .updateTable("identity")
    .set({ state: "claimed", fingerprint: issued.fingerprint, changed: now.getTime() })
    .where("id", "=", row.id)
    .execute();
  return certificate;
}

export function claimedAnswer(
  context: Context,
  row: Pick<IdentityRow, "id" | "role">,
  certificate: CertificateRow,
): ClaimedEnrolment {
  return {
    id: row.id,
    role: row.role,
    state: "claimed",
    chain: certificate.chain,
    anchors: [context.authority.root],
    fingerprint: certificate.fingerprint,
    expires: new Date(certificate.expires).toISOString(),
    serverTime: context.now().toISOString(),
  };
}
