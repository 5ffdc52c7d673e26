import type { Context } from "../context.ts";
import type { EventDraft } from "../events.ts";
import { type DueWarning, dueWarnings, type Expiring, WARNING_DAYS } from "../warnings.ts";

/** Something that ends, and the event that warns of it. */
export interface Warned extends Expiring {
  /** The event when so many days are left; 0 when it has ended. */
  readonly event: (days: number) => EventDraft;
}

/**
 * Writes an event for every mark that was passed since the last time; what was sent is kept with the events, so a
 * restart repeats nothing. Returns what it warned of.
 */
export async function warn(context: Context, items: readonly Warned[]): Promise<readonly DueWarning<Warned>[]> {
  const due = await context.database.transaction().execute(async (transaction) => {
    const rows = await transaction.selectFrom("warning").selectAll().execute();
    const found = dueWarnings(items, new Map(rows.map((row) => [row.subject, row])), context.now().getTime());
    for (const { item, days } of found) {
      await context.edge(transaction, item.event(days));
      const row = { expires: item.expires, days };
      await transaction
        .insertInto("warning")
        .values({ subject: item.subject, ...row })
        .onConflict((conflict) => conflict.column("subject").doUpdateSet(row))
        .execute();
    }
    return found;
  });
  if (due.length > 0) await context.committed();
  return due;
}

/** The certificates of everyone who may use one. */
export async function endingCertificates(context: Context): Promise<readonly Warned[]> {
  const rows = await context.database
    .selectFrom("identity")
    .innerJoin("certificate", "certificate.fingerprint", "identity.fingerprint")
    .select(["identity.id", "certificate.fingerprint", "certificate.expires"])
    .where("identity.state", "in", ["active", "suspended"])
    .where("certificate.expires", "<=", context.now().getTime() + Math.max(...WARNING_DAYS) * 24 * 3_600_000)
    .execute();
  return rows.map(({ id, fingerprint, expires }) => ({
    subject: `certificate:${id.toLowerCase()}`,
    expires,
    days: WARNING_DAYS,
    event: (days) => ({ kind: "identity", event: "expires-soon", id, fingerprint, detail: { days } }),
  }));
}
