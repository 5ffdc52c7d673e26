import type { Kysely } from "kysely";
import type { Context } from "../context.ts";
import { eventOf } from "../event-row.ts";
import type { CertificateRow, IdentityRow, Registry } from "../registry/schema.ts";

interface SecondHolder {
  readonly row: IdentityRow;
  /** What was shown. */
  readonly certificate: CertificateRow;
  /** What was said, where the counter gave it away. */
  readonly counter?: number;
  readonly source: string | undefined;
  readonly correlation: string;
}

/**
 * Two hold this identity, and nobody here can say which of them should: both are locked until a person has looked.
 * A renewal that is under way ends with it.
 */
export async function lockClone(context: Context, transaction: Kysely<Registry>, found: SecondHolder): Promise<void> {
  const { row, certificate, counter, source, correlation } = found;
  const now = context.now().getTime();
  await transaction
    .updateTable("identity")
    .set({ state: "suspended", reason: "clone", next_fingerprint: null, changed: now })
    .where("id", "=", row.id)
    .execute();
  if (row.next_fingerprint !== null) {
    await transaction
      .updateTable("certificate")
      .set({ revoked: now, confirm_by: null, reason: "clone" })
      .where("fingerprint", "=", row.next_fingerprint)
      .where("revoked", "is", null)
      .execute();
  }
  const other = await lastSource(transaction, row.id);
  await context.edge(transaction, {
    kind: "identity",
    event: "cloned",
    id: row.id,
    fingerprint: certificate.fingerprint,
    correlation,
    ...(source === undefined ? {} : { source }),
    detail: {
      ...(row.fingerprint === null ? {} : { current: row.fingerprint }),
      ...(other === undefined ? {} : { currentSource: other }),
      ...(counter === undefined ? {} : { counter }),
      expectedCounter: row.join_counter,
    },
  });
}

/** Where the holder of the certificate that counts was when it confirmed it. */
async function lastSource(database: Kysely<Registry>, id: string): Promise<string | undefined> {
  const row = await database
    .selectFrom("event")
    .selectAll()
    .where("identity_id", "=", id)
    .where("event", "in", ["confirmed", "renewed", "recovered"])
    .orderBy("edge", "desc")
    .executeTakeFirst();
  return row === undefined ? undefined : eventOf(row).source;
}
