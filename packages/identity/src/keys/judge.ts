import { timingSafeEqual } from "node:crypto";
import { sql } from "kysely";
import { type Context, hmacEquals } from "../context.ts";
import { IdentityError } from "../errors.ts";
import type { RefusalReason } from "../events.ts";
import { isWithin } from "../names.ts";
import { parseRegistrationKey, type RegistrationKey } from "../registration-key.ts";
import { parseList } from "../registry/columns.ts";
import type { KeyRow } from "../registry/schema.ts";
import { deriveSecret } from "./derive.ts";
import { judgeOfflineKey, provenLedgerRow } from "./judge-offline.ts";
import { judgePublicKey } from "./judge-public-key.ts";
import { isOfflineKey } from "./offline-key.ts";
import { lookUpSerial } from "./serials.ts";

/** What a key is judged by: who asks, and what for. */
export interface KeyQuestion {
  /** The address it comes from. */
  readonly source: string;
  readonly name?: string;
  readonly serial?: string;
  readonly model?: string;
  readonly unit?: number;
  /** PKCS #10: a key pair that was imported needs no other key. */
  readonly csr?: string;
}

export type KeyVerdict =
  | { readonly good: true; readonly row: KeyRow }
  | { readonly good: false; readonly reason: RefusalReason; readonly key?: string };

/**
 * Looks at a key. Whatever is wrong with it, the same is read and reckoned (one row, one serial number, one proof), and
 * the reason is chosen at the end: neither the answer nor the time it takes tells a wrong secret from an unknown id or
 * from a key that has ended. `key` of a verdict is set only for an id that exists.
 */
export async function judgeKey(context: Context, text: string, question: KeyQuestion): Promise<KeyVerdict> {
  if (isOfflineKey(text)) return await judgeOfflineKey(context, text, question);
  if (text === "") return await judgePublicKey(context, question);
  const parsed = tryParse(text);
  const { row, found } = await rowOf(context, "id", parsed?.id ?? "");
  const serial = await lookUpSerial(context.database, row.id, question.serial ?? "");
  const proven = proves(context, row, parsed?.secret ?? "", question.serial ?? "");
  const against = refusalOf(row, context.now().getTime(), question, { proven, ...serial });
  if (parsed === undefined) return { good: false, reason: "malformed" };
  if (!found) return { good: false, reason: "unknown" };
  if (!proven) return { good: false, reason: "wrong-secret", key: row.id };
  return against === undefined ? { good: true, row } : { good: false, reason: against, key: row.id };
}

/** The row of the key whose whole text was given, whatever has become of it. `serial` proves a derived one. */
export async function provenRow(context: Context, text: string, serial = ""): Promise<KeyRow | undefined> {
  if (isOfflineKey(text)) return await provenLedgerRow(context, text);
  const parsed = tryParse(text);
  const { row } = await rowOf(context, "id", parsed?.id ?? "");
  return proves(context, row, parsed?.secret ?? "", serial) ? row : undefined;
}

/** A row always comes: nobody's where there is none. */
export async function rowOf(
  context: Context,
  column: "id" | "public_key",
  value: string,
): Promise<{ readonly row: KeyRow; readonly found: boolean }> {
  const id = sql<string>`coalesce((
    select id from registration_key where ${sql.ref(column)} = ${value} order by created desc limit 1), '')`;
  const row = await context.database
    .selectFrom("registration_key")
    .selectAll()
    .where("id", "=", id)
    .executeTakeFirstOrThrow();
  return { row, found: row.id !== "" };
}

/** Both ways of proving are reckoned for every key. */
function proves(context: Context, row: KeyRow, secret: string, serial: string): boolean {
  const byHmac = hmacEquals(context.pepper, secret, row.secret_hmac);
  const batch = row.form === "derived" ? context.keyring.batch(row.id) : undefined;
  const derived = Buffer.from(deriveSecret(batch?.key ?? context.keyring.decoyBatchKey, serial));
  const given = Buffer.from(secret.padEnd(derived.length).slice(0, derived.length));
  const byBatch = timingSafeEqual(given, derived) && batch !== undefined && secret.length === derived.length;
  return row.form === "derived" ? byBatch : row.form === "token" && byHmac;
}

/** What stands against a key in itself and against this question. All of it is looked at. */
export function refusalOf(
  row: KeyRow,
  nowMs: number,
  question: KeyQuestion,
  of: { readonly proven: boolean; readonly listed: boolean; readonly struck: boolean },
): RefusalReason | undefined {
  // Networks are read only for whoever has shown the secret: their number would tell known ids from unknown ones.
  const sources = parseList(of.proven ? row.sources : "[]");
  const { name, model, unit } = question;
  const reasons: readonly (readonly [boolean, RefusalReason])[] = [
    [row.revoked !== null || of.struck, "revoked"],
    [row.not_before > nowMs, "clock"],
    [row.expires <= nowMs, "expired"],
    [row.used >= row.uses, "used-up"],
    [sources.length > 0 && !isWithin(question.source, sources), "source"],
    [row.serial_rule === "listed" && !of.listed, "serial"],
    [row.serial_rule === "required" && question.serial === undefined, "serial"],
    [row.model !== null && model !== undefined && model !== row.model, "model"],
    [row.unit !== null && unit !== undefined && unit !== row.unit, "unit"],
    [row.identity_id !== null && name !== undefined && !isSameId(name, row.identity_id), "name"],
  ];
  return reasons.find(([holds]) => holds)?.[1];
}

/** Names that differ only by case are one name. */
function isSameId(left: string, right: string): boolean {
  return left.toLowerCase() === right.toLowerCase();
}

function tryParse(text: string): RegistrationKey | undefined {
  try {
    return parseRegistrationKey(text);
  } catch (error) {
    if (error instanceof IdentityError) return undefined;
    throw error;
  }
}
