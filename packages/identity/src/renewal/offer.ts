import { type KeyObject, X509Certificate } from "node:crypto";
import type { Kysely } from "kysely";
import type { IssuedCertificate } from "../authority/authority.ts";
import { sameKey } from "../certificate/read.ts";
import { CONFIRM_WITHIN_MS, type Context } from "../context.ts";
import { bundleFor } from "../enrolment/bundle.ts";
import { kindOf, parseList } from "../registry/columns.ts";
import type { CertificateRow, IdentityRow, Registry } from "../registry/schema.ts";
import type { OfferedRenewal } from "../types.ts";
import { renewalPlan } from "./schedule.ts";

/** How many certificates one identity may be issued in a tenth of its certificates' life: answers do get lost. */
const ISSUED_AT_ONCE = 12;
/** How many earlier keys are looked at; more certificates than this come together only in years. */
const EARLIER_KEYS = 64;

/** What a holder may be given; `csr` and `throttled` say why nothing. */
export type Offer =
  | { readonly kind: "repeated" | "issued"; readonly certificate: CertificateRow }
  /** `needed`: the company's authority has to issue it first. */
  | { readonly kind: "csr" | "throttled" | "needed" };

/**
 * A certificate for a new key in place of the one that counts. It waits for its confirmation beside it; one that waited
 * before is revoked. Asked again with the same key, because the answer got lost, it is the same certificate.
 */
export async function offerNext(
  context: Context,
  transaction: Kysely<Registry>,
  row: IdentityRow,
  publicKey: KeyObject,
  elsewhere?: IssuedCertificate,
): Promise<Offer> {
  const now = context.now();
  const nowMs = now.getTime();
  const earlier = await transaction
    .selectFrom("certificate")
    .selectAll()
    .where("identity_id", "=", row.id)
    .orderBy("issued", "desc")
    .limit(EARLIER_KEYS)
    .execute();
  const worn = earlier.filter(({ chain }) => sameKey(new X509Certificate(chain).publicKey, publicKey));
  const waiting = worn.find(({ fingerprint }) => fingerprint === row.next_fingerprint);
  if (waiting !== undefined) return { kind: "repeated", certificate: waiting };
  // A key that never came into force may be used for another try.
  if (worn.some(({ reason }) => reason !== "unconfirmed")) return { kind: "csr" };
  const window = nowMs - row.certificate_lifetime_ms / 10;
  if (earlier.filter(({ issued }) => issued > window).length >= ISSUED_AT_ONCE) return { kind: "throttled" };
  if (context.external !== undefined && elsewhere === undefined) return { kind: "needed" };
  if (row.next_fingerprint !== null) {
    await transaction
      .updateTable("certificate")
      .set({ revoked: nowMs, confirm_by: null, reason: "unconfirmed" })
      .where("fingerprint", "=", row.next_fingerprint)
      .where("revoked", "is", null)
      .execute();
  }
  const issued =
    elsewhere ??
    (await context.authority.issue({
      id: row.id,
      kind: kindOf(row.kind),
      role: row.role,
      names: parseList(row.names),
      publicKey,
      now,
      lifetimeMs: row.certificate_lifetime_ms,
    }));
  const certificate: CertificateRow = {
    fingerprint: issued.fingerprint,
    identity_id: row.id,
    serial_number: issued.serialNumber,
    chain: issued.chain,
    issued: nowMs,
    expires: issued.expires.getTime(),
    confirm_by: nowMs + CONFIRM_WITHIN_MS,
    revoked: null,
    reason: null,
  };
  await transaction.insertInto("certificate").values(certificate).execute();
  await transaction
    .updateTable("identity")
    .set({ next_fingerprint: issued.fingerprint, changed: nowMs })
    .where("id", "=", row.id)
    .execute();
  return { kind: "issued", certificate };
}

export async function offerAnswer(
  context: Context,
  row: IdentityRow,
  certificate: CertificateRow,
): Promise<OfferedRenewal> {
  return {
    id: row.id,
    role: row.role,
    state: "claimed",
    chain: certificate.chain,
    anchors: [context.authority.root],
    fingerprint: certificate.fingerprint,
    expires: new Date(certificate.expires).toISOString(),
    serverTime: context.now().toISOString(),
    counter: row.join_counter + 1,
    renewal: renewalPlan(certificate),
    bundle: await bundleFor(context, row, certificate, row.join_counter + 1),
  };
}
