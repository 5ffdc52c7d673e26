import type { Kysely } from "kysely";
import type { Context } from "../context.ts";
import type { CertificateRow, IdentityRow, Registry } from "../registry/schema.ts";

/**
 * The renewed certificate takes the place of the one that counted, which is revoked in the same moment: there are never
 * two good ones. It was a recovery where the other one had ended before.
 */
export async function confirmNext(
  context: Context,
  transaction: Kysely<Registry>,
  row: IdentityRow,
  certificate: CertificateRow,
  source: string | undefined,
): Promise<void> {
  const now = context.now().getTime();
  const replaced = await transaction
    .selectFrom("certificate")
    .selectAll()
    .where("fingerprint", "=", row.fingerprint ?? "")
    .executeTakeFirst();
  const recovered = replaced !== undefined && replaced.expires <= certificate.issued;
  const counter = row.join_counter + 1;
  await transaction
    .updateTable("certificate")
    .set({ revoked: now, confirm_by: null, reason: "superseded" })
    .where("identity_id", "=", row.id)
    .where("fingerprint", "!=", certificate.fingerprint)
    .where("revoked", "is", null)
    .execute();
  await transaction
    .updateTable("certificate")
    .set({ confirm_by: null })
    .where("fingerprint", "=", certificate.fingerprint)
    .execute();
  await transaction
    .updateTable("identity")
    .set({
      fingerprint: certificate.fingerprint,
      next_fingerprint: null,
      join_counter: counter,
      recoveries: row.recoveries + (recovered ? 1 : 0),
      changed: now,
    })
    .where("id", "=", row.id)
    .execute();
  await context.edge(transaction, {
    kind: "enrolment",
    event: recovered ? "recovered" : "renewed",
    id: row.id,
    ...(row.role === null ? {} : { role: row.role }),
    fingerprint: certificate.fingerprint,
    ...(source === undefined ? {} : { source }),
    detail: { counter, ...(recovered ? { recoveries: row.recoveries + 1, limit: row.recovery_limit } : {}) },
  });
}
