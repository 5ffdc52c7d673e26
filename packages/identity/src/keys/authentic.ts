import { type Context, correlationCode } from "../context.ts";
import { checkThrottle } from "../enrolment/refuse.ts";
import { kindOf, parseRecord } from "../registry/columns.ts";
import type { KeyRow } from "../registry/schema.ts";
import type { Authenticity, AuthenticityQuestion, SerialRecord } from "../types.ts";
import { provenRow } from "./judge.ts";
import { parseOfflineKey } from "./offline-key.ts";
import { lookUpSerial } from "./serials.ts";

/**
 * Whether a label is one of this site's. Its claims are shown to whoever holds the whole key, for they stand beside it on
 * the device; for a serial number alone anyone could ask. A key that has been used or has ended is authentic all the
 * same; one that was revoked is not, and a copy of a label shows itself by `used`. Error: ERR_ENROLMENT_THROTTLED
 */
export async function authenticity(context: Context, question: AuthenticityQuestion): Promise<Authenticity> {
  const { source, serial } = question;
  await checkThrottle(context, source);
  const key = await provenRow(context, question.key, serial);
  const named = await lookUpSerial(context.database, key?.id ?? "", serial ?? "");
  const isListed = ({ form }: KeyRow): boolean =>
    form === "offline" ? (parseOfflineKey(question.key).claims.serials?.includes(serial ?? "") ?? false) : named.listed;
  const fits = key !== undefined && (serial === undefined || key.serial_rule !== "listed" || isListed(key));
  // Whoever stole an issuer's key can sign as many labels as he likes.
  const disowned = key?.form === "offline" && context.keyring.issuer(key.issuer ?? "")?.revoked === true;
  if (!fits || key.revoked !== null || disowned || named.struck) {
    context.throttle.refused(source, context.now().getTime());
    const correlation = correlationCode(context.random);
    const detail = { request: "authentic" };
    const reason = key === undefined ? "unknown" : fits ? "revoked" : "serial";
    const about = key === undefined ? {} : { key: key.id };
    await context.refusal({ kind: "enrolment", event: "refused", reason, ...about, source, correlation, detail });
    return { authentic: false, correlation };
  }
  return {
    authentic: true,
    key: key.id,
    kind: kindOf(key.kind),
    model: key.model,
    serial: serial ?? null,
    claims: parseRecord(key.claims),
    used: await isUsed(context, key, serial),
  };
}

/** For the administrator: everything that is known of a serial number. */
export async function serialRecords(context: Context, serial: string): Promise<readonly SerialRecord[]> {
  const identities = await context.database
    .selectFrom("identity")
    .select(["id", "state", "model", "claims", "key_id"])
    .where("serial", "=", serial)
    .limit(100)
    .execute();
  const keys = await context.database
    .selectFrom("key_serial")
    .innerJoin("registration_key", "registration_key.id", "key_serial.key_id")
    .select(["registration_key.id", "model", "claims", "struck", "revoked"])
    .where("key_serial.serial", "=", serial)
    .limit(100)
    .execute();
  return [
    ...identities.map(({ id, state, model, claims, key_id: key }) => ({
      identity: id,
      state,
      key,
      model,
      claims: parseRecord(claims),
    })),
    ...keys.map(({ id, model, claims, struck, revoked }) => ({
      identity: null,
      state: revoked !== null ? "revoked" : struck !== null ? "struck" : "bound",
      key: id,
      model,
      claims: parseRecord(claims),
    })),
  ];
}

async function isUsed(context: Context, key: KeyRow, serial: string | undefined): Promise<boolean> {
  if (serial === undefined) return key.used >= key.uses;
  const row = await context.database
    .selectFrom("identity")
    .select("id")
    .where("key_id", "=", key.id)
    .where("serial", "=", serial)
    .executeTakeFirst();
  return row !== undefined;
}
