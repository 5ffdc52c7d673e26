import { type Context, correlationCode } from "../context.ts";
import { checkThrottle } from "../enrolment/refuse.ts";
import type { LeakReport } from "../types.ts";
import { provenRow } from "./judge.ts";
import { endKey } from "./revoke.ts";
import { strikeSerial } from "./serials.ts";
import { enterLedger } from "./use.ts";

/** The record names so many; the rest is counted. */
const NAMED = 20;

/**
 * Whoever holds a whole key may end it: it was found where it does not belong. It is revoked at once, of a derived key
 * its serial number struck, and the record names who enrolled by it. The answer is the same whatever was sent; what is
 * no key of this site counts as a wrong secret of its source. Error: ERR_ENROLMENT_THROTTLED
 */
export async function reportLeak(context: Context, report: LeakReport): Promise<void> {
  const { source, serial = "" } = report;
  await checkThrottle(context, source);
  const key = await provenRow(context, report.key, serial);
  if (key === undefined) {
    context.throttle.refused(source, context.now().getTime());
    const correlation = correlationCode(context.random);
    const detail = { request: "report-leak" };
    await context.refusal({ kind: "enrolment", event: "refused", reason: "unknown", source, correlation, detail });
    return;
  }
  await context.database.transaction().execute(async (transaction) => {
    await enterLedger(transaction, key);
    const derived = key.form === "derived";
    const identities = await transaction
      .selectFrom("identity")
      .select("id")
      .where("key_id", "=", key.id)
      .where("state", "not in", ["retired", "revoked", "issued"])
      .$if(derived, (query) => query.where("serial", "=", serial))
      .orderBy("registered")
      .execute();
    const about = {
      event: "key-leaked",
      source,
      detail: {
        enrolled: identities.length,
        identities: identities
          .slice(0, NAMED)
          .map(({ id }) => id)
          .join(", "),
        ...(derived ? { serial } : {}),
      },
    } as const;
    if (!derived) await endKey(context, transaction, key, "leaked", about);
    else if (await strikeSerial(transaction, key.id, serial, context.now().getTime())) {
      await context.edge(transaction, { kind: "enrolment", key: key.id, reason: "leaked", ...about });
    }
  });
  await context.committed();
}
