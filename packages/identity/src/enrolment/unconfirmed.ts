import type { Context } from "../context.ts";
import { giveUseBack } from "../registry/keys.ts";
import { revokeCertificates } from "../registry/rows.ts";

/**
 * What was not confirmed in time is revoked, its name is free again and its key's use given back: an enrolment whose
 * answer got lost can simply be repeated.
 */
export async function expireUnconfirmed(context: Context, now: Date): Promise<readonly string[]> {
  const nowMs = now.getTime();
  const late = await context.database
    .selectFrom("certificate")
    .select("fingerprint")
    .where("confirm_by", "<=", nowMs)
    .executeTakeFirst();
  if (late === undefined) return [];
  const expired = await context.database.transaction().execute(async (transaction) => {
    const rows = await transaction
      .selectFrom("identity")
      .innerJoin("certificate", "certificate.fingerprint", "identity.fingerprint")
      .selectAll("identity")
      .where("certificate.confirm_by", "<=", nowMs)
      .where("identity.state", "=", "claimed")
      .execute();
    for (const row of rows) {
      await revokeCertificates(transaction, row.id, nowMs, "unconfirmed");
      await transaction
        .updateTable("identity")
        .set({ state: "revoked", reason: "unconfirmed", changed: nowMs, public_key: null, claim_hmac: null })
        .where("id", "=", row.id)
        .execute();
      if (row.key_id !== null) await giveUseBack(transaction, row.key_id);
      const key = row.key_id === null ? {} : { key: row.key_id };
      const fingerprint = row.fingerprint === null ? {} : { fingerprint: row.fingerprint };
      await context.edge(transaction, { kind: "enrolment", event: "unconfirmed", id: row.id, ...key, ...fingerprint });
    }
    return rows;
  });
  if (expired.length === 0) return [];
  await context.committed();
  return expired.map((row) => row.id);
}
