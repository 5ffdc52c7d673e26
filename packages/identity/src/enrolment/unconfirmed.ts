import { reusable } from "@modwarden/store";
import type { Kysely } from "kysely";
import type { Context } from "../context.ts";
import { revokeCertificates } from "../registry/rows.ts";
import type { IdentityRow, Registry } from "../registry/schema.ts";
import { endEnrolment } from "./waiting.ts";

const firstDue = reusable((database: Kysely<Registry>) =>
  database
    .selectFrom("certificate")
    .select("confirm_by")
    .where("confirm_by", "is not", null)
    .orderBy("confirm_by")
    .limit(1),
);

/** Before a request is judged: what is overdue at that moment has ended, whether or not anything has looked since. */
export async function expireOverdue(context: Context): Promise<void> {
  const now = context.now();
  if (context.quiet.covers(now.getTime())) return;
  await expireUnconfirmed(context, now);
  const { rows } = await firstDue(context.database);
  context.quiet.looked(now.getTime(), rows[0]?.confirm_by ?? null);
}

/**
 * What was not confirmed in time is revoked. An enrolment: its name is free again and its key's use given back, so that
 * it can simply be repeated. A renewal: the certificate before it still counts. Returns the ids of both.
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
    for (const row of rows) await endClaimed(context, transaction, row, nowMs);
    const renewals = await transaction
      .selectFrom("identity")
      .innerJoin("certificate", "certificate.fingerprint", "identity.next_fingerprint")
      .selectAll("identity")
      .where("certificate.confirm_by", "<=", nowMs)
      .execute();
    for (const row of renewals) await endRenewal(context, transaction, row, nowMs);
    return [...rows, ...renewals];
  });
  if (expired.length === 0) return [];
  await context.committed();
  return expired.map((row) => row.id);
}

async function endClaimed(
  context: Context,
  transaction: Kysely<Registry>,
  row: IdentityRow,
  nowMs: number,
): Promise<void> {
  await revokeCertificates(transaction, row.id, nowMs, "unconfirmed");
  await endEnrolment(context, transaction, row, "unconfirmed");
  const key = row.key_id === null ? {} : { key: row.key_id };
  const fingerprint = row.fingerprint === null ? {} : { fingerprint: row.fingerprint };
  await context.edge(transaction, { kind: "enrolment", event: "unconfirmed", id: row.id, ...key, ...fingerprint });
}

async function endRenewal(
  context: Context,
  transaction: Kysely<Registry>,
  row: IdentityRow,
  nowMs: number,
): Promise<void> {
  const fingerprint = row.next_fingerprint ?? "";
  await transaction
    .updateTable("certificate")
    .set({ revoked: nowMs, confirm_by: null, reason: "unconfirmed" })
    .where("fingerprint", "=", fingerprint)
    .execute();
  await transaction
    .updateTable("identity")
    .set({ next_fingerprint: null, changed: nowMs })
    .where("id", "=", row.id)
    .execute();
  await context.edge(transaction, {
    kind: "enrolment",
    event: "unconfirmed",
    id: row.id,
    fingerprint,
    ...(row.fingerprint === null ? {} : { detail: { keeps: row.fingerprint } }),
  });
}
