import type { Kysely } from "kysely";
import type { IssuedCertificate } from "../authority/authority.ts";
import { BACKDATE_MS } from "../authority/time.ts";
import { publicKeyOfRequest } from "../certificate/request.ts";
import { type Context, correlationCode, iso } from "../context.ts";
import { isStill } from "../enrolment/claim.ts";
import { expireOverdue } from "../enrolment/unconfirmed.ts";
import { IdentityError } from "../errors.ts";
import type { RefusalReason } from "../events.ts";
import { certifyElsewhere } from "../external/certify.ts";
import { checkRequestContent, contentOf } from "../external/content.ts";
import { stateOf } from "../registry/columns.ts";
import type { CertificateRow, IdentityRow, Registry } from "../registry/schema.ts";
import type { OfferedRenewal, RenewalRequest } from "../types.ts";
import { lockClone } from "./clone.ts";
import { holderOf } from "./holder.ts";
import { type Offer, offerAnswer, offerNext } from "./offer.ts";
import { type HolderRefusal, refuseHolder } from "./refuse.ts";
import { mayRenewFrom } from "./schedule.ts";

/**
 * `renew` is for a certificate that still holds. `recover` takes one that has ended as well, and counts that; with one
 * that still holds it is a renewal, since the clock that decides is the server's.
 */
type Way = "renew" | "recover";

/** What the company's authority has issued, and for which content. */
interface Elsewhere {
  readonly issued: IssuedCertificate;
  readonly asked: IdentityRow;
}

type Result =
  /** The company's authority has to be asked, outside of any transaction. */
  | { readonly needed: IdentityRow }
  | { readonly row: IdentityRow; readonly certificate: CertificateRow }
  | { readonly refusal: Omit<HolderRefusal, "source"> };

/**
 * A certificate for a new key, for whoever has shown the one that counts. Nothing changes for the old one until the new
 * one is confirmed. Errors: ERR_RENEWAL_EARLY, ERR_RENEWAL_ENDED, ERR_ENROLMENT_CSR, ERR_ENROLMENT_THROTTLED and, for
 * every other reason, ERR_ENROLMENT_REFUSED (with correlation)
 */
export async function renew(context: Context, request: RenewalRequest, way: Way): Promise<OfferedRenewal> {
  const began = context.now().getTime();
  await expireOverdue(context);
  const judged = async (elsewhere?: Elsewhere): Promise<Result> =>
    await context.database
      .transaction()
      .execute((transaction) => judge(context, transaction, { ...request, elsewhere }, way, began));
  let result = await judged();
  if ("needed" in result) {
    const asked = result.needed;
    result = await judged({ asked, issued: await issuedElsewhere(context, asked, request) });
    context.external?.done(request.csr, "entered");
  }
  if ("needed" in result) throw away();
  if ("refusal" in result) {
    // A clone was locked in that transaction: the lines know it before the answer.
    if (result.refusal.reason === "clone") await context.committed();
    return await refuseHolder(context, { ...result.refusal, source: request.source });
  }
  await context.committed();
  return await offerAnswer(context, result.row, result.certificate);
}

/** Errors: ERR_ENROLMENT_CSR_CONTENT, ERR_AUTHORITY_AWAY */
async function issuedElsewhere(
  context: Context,
  row: IdentityRow,
  { csr, source }: RenewalRequest,
): Promise<IssuedCertificate> {
  const { external } = context;
  const wanted = { ...contentOf(row), publicKey: publicKeyOfRequest(csr) };
  checkRequestContent(csr, wanted);
  const issued = external && (await certifyElsewhere(context, external, { csr, source, wanted }));
  if (issued === undefined) throw away();
  return issued;
}

function away(): IdentityError {
  const message =
    "the company's authority has not issued the new certificate yet: ask again later; the one before counts as long as it holds";
  return new IdentityError("ERR_AUTHORITY_AWAY", message);
}

type Asked = RenewalRequest & { readonly elsewhere: Elsewhere | undefined };

async function judge(
  context: Context,
  transaction: Kysely<Registry>,
  request: Asked,
  way: Way,
  began: number,
): Promise<Result> {
  const { fingerprint, counter, source } = request;
  const holder = await holderOf(transaction, fingerprint, began);
  if (holder.kind === "none") return refused(holder.reason, { fingerprint, ...only("id", holder.id) });
  const { row, certificate } = holder;
  const who = { id: row.id, fingerprint };
  if (holder.kind === "next") return refused("not-confirmed", who);
  const state = stateOf(row.state);
  if (holder.kind === "current") {
    if (state === "claimed") return refused("not-confirmed", who);
    if (state !== "active") return refused(row.reason === "clone" ? "clone" : "suspended", who);
  }
  if (holder.kind === "clone" || (counter !== undefined && counter !== row.join_counter)) {
    const correlation = correlationCode(context.random);
    await lockClone(context, transaction, { row, certificate, source, correlation, ...only("counter", counter) });
    return refused("clone", { ...who, correlation });
  }
  return await give(context, transaction, request, way, row, certificate);
}

async function give(
  context: Context,
  transaction: Kysely<Registry>,
  request: Asked,
  way: Way,
  row: IdentityRow,
  certificate: CertificateRow,
): Promise<Result> {
  const who = { id: row.id, fingerprint: request.fingerprint };
  const now = context.now().getTime();
  const ended = certificate.expires <= now;
  if (ended && way === "renew") {
    const message = `this certificate ended at ${iso(certificate.expires)}: recover the identity with it`;
    return refused("expired", { ...who, told: { code: "ERR_RENEWAL_ENDED", message } });
  }
  if (ended && row.recoveries >= row.recovery_limit) {
    const detail = { recoveries: row.recoveries, limit: row.recovery_limit };
    return refused("recovery-limit", { ...who, detail });
  }
  const from = mayRenewFrom(certificate.issued, certificate.expires);
  // One that was issued under a clock that was ahead holds nowhere yet: its holder needs another at once.
  const early = now < from && now >= certificate.issued - BACKDATE_MS;
  if (early && request.force !== true) {
    const message = `this certificate is in the first half of its life: renew it from ${iso(from)} on, or now with \`modwarden renew DIR --now\``;
    return refused("early", { ...who, told: { code: "ERR_RENEWAL_EARLY", message } });
  }
  const offer = await offered(context, transaction, row, request);
  if (offer.kind === "needed") return { needed: row };
  if (offer.kind === "csr") return refused("csr", { ...who, told: offer.told });
  if (offer.kind === "throttled") {
    const message = "too many certificates were asked for in a short time: wait, and look why they are not confirmed";
    return refused("throttled", { ...who, told: { code: "ERR_ENROLMENT_THROTTLED", message } });
  }
  if (offer.kind === "issued") {
    await context.edge(transaction, {
      kind: "enrolment",
      event: ended ? "recovering" : "renewing",
      id: row.id,
      ...(row.role === null ? {} : { role: row.role }),
      fingerprint: offer.certificate.fingerprint,
      source: request.source,
      detail: { replaces: certificate.fingerprint },
    });
  }
  return { row, certificate: offer.certificate };
}

type Told = Required<HolderRefusal>["told"];

async function offered(
  context: Context,
  transaction: Kysely<Registry>,
  row: IdentityRow,
  { csr, elsewhere }: Asked,
): Promise<
  | Extract<Offer, { certificate: CertificateRow }>
  | { kind: "throttled" }
  | { kind: "needed" }
  | { kind: "csr"; told: Told }
> {
  try {
    // What was issued for another role, or another holder of the name, is not handed out.
    const still = elsewhere !== undefined && isStill(row, elsewhere.asked) ? elsewhere.issued : undefined;
    const offer = await offerNext(context, transaction, row, publicKeyOfRequest(csr), still);
    if (offer.kind === "repeated" || offer.kind === "issued") return offer;
    if (offer.kind === "throttled" || offer.kind === "needed") return { kind: offer.kind };
    const message = "the certificate request is not accepted: a renewal takes a new key, and this one was in use";
    return { kind: "csr", told: { code: "ERR_ENROLMENT_CSR", message } };
  } catch (error) {
    if (!(error instanceof IdentityError) || error.code !== "ERR_ENROLMENT_CSR") throw error;
    return { kind: "csr", told: { code: "ERR_ENROLMENT_CSR", message: error.message } };
  }
}

function refused(reason: RefusalReason, more: Omit<HolderRefusal, "source" | "reason">): Result {
  return { refusal: { reason, ...more } };
}

function only<Name extends string, Value>(name: Name, value: Value | undefined): { [Key in Name]?: Value } {
  return value === undefined ? {} : ({ [name]: value } as { [Key in Name]?: Value });
}
