import type { IssuedCertificate } from "../authority/authority.ts";
import { type Context, hmacEquals } from "../context.ts";
import { certifyElsewhere } from "../external/certify.ts";
import { contentOf } from "../external/content.ts";
import { saidIn } from "../refusals/said.ts";
import { stateOf } from "../registry/columns.ts";
import type { CertificateRow, IdentityRow } from "../registry/schema.ts";
import type { Enrolment } from "../types.ts";
import { claimedAnswer, issueClaimed } from "./certificates.ts";
import { checkThrottle, refuse } from "./refuse.ts";
import { expireOverdue } from "./unconfirmed.ts";

interface Claim {
  readonly id: string;
  readonly claim: string;
  readonly source: string;
}

/** Fetches what a pending enrolment has become; asking again before the confirmation gives the same certificate. */
export async function fetchClaim(context: Context, request: Claim): Promise<Enrolment> {
  await checkThrottle(context, request.source);
  await expireOverdue(context);
  const row = await context.database.selectFrom("identity").selectAll().where("id", "=", request.id).executeTakeFirst();
  const proven = hmacEquals(context.pepper, request.claim, row?.claim_hmac);
  if (row === undefined || !proven) {
    const said = saidIn({ name: request.id }, context.now());
    return await refuse(context, { reason: "claim", source: request.source, said });
  }
  return await whatItBecame(context, row, request);
}

/** For whoever has proven that the enrolment is theirs. */
export async function whatItBecame(
  context: Context,
  row: IdentityRow,
  request: Pick<Claim, "claim" | "source">,
): Promise<Enrolment> {
  const { id } = row;
  switch (stateOf(row.state)) {
    case "pending":
      return waits(context, row, request.claim);
    case "approved": {
      const certificate = await handOut(context, row, request.source);
      return certificate === undefined
        ? waits(context, row, request.claim)
        : await claimedAnswer(context, row, certificate);
    }
    case "claimed":
      return await claimedAnswer(context, row, await current(context, row, request.source));
    default:
      return await refuse(context, { reason: "claim", source: request.source, id });
  }
}

function waits(context: Context, { id, role, state }: IdentityRow, claim: string): Enrolment {
  const anchors = [context.authority.root];
  const waitsFor = state === "approved" ? ({ waitsFor: "authority" } as const) : {};
  return { id, role, state: "pending", ...waitsFor, claim, anchors, serverTime: context.now().toISOString() };
}

/** Undefined while the company's authority, where one issues, has not. */
async function handOut(context: Context, row: IdentityRow, source: string): Promise<CertificateRow | undefined> {
  const { external } = context;
  if (external === undefined) return await enter(context, row, source);
  const { csr } = row;
  const publicKey = Buffer.from(row.public_key ?? "", "base64");
  const asked = { csr: csr ?? "", source, wanted: { ...contentOf(row), publicKey } };
  const issued = await certifyElsewhere(context, external, asked);
  if (issued === undefined) return undefined;
  const certificate = await enter(context, row, source, issued);
  external.done(asked.csr, "entered");
  return certificate;
}

async function enter(
  context: Context,
  row: IdentityRow,
  source: string,
  issued?: IssuedCertificate,
): Promise<CertificateRow | undefined> {
  const result = await context.database.transaction().execute(async (transaction) => {
    const now = await transaction
      .selectFrom("identity")
      .selectAll()
      .where("id", "=", row.id)
      .where("state", "=", "approved")
      .executeTakeFirst();
    if (now === undefined) return undefined;
    // It was issued for another role than the one that was set meanwhile.
    if (issued !== undefined && !isStill(now, row)) return "changed";
    const certificate = await issueClaimed(context, transaction, now, issued);
    const { fingerprint } = certificate;
    const key = now.key_id === null ? {} : { key: now.key_id };
    await context.edge(transaction, { kind: "enrolment", event: "claimed", id: now.id, ...key, fingerprint, source });
    return certificate;
  });
  if (result === "changed") return undefined;
  if (result === undefined) return await current(context, row, source);
  await context.committed();
  return result;
}

/** Whether a certificate for `asked` is one for what the registry says now. */
export function isStill(now: IdentityRow, asked: IdentityRow): boolean {
  return (["registered", "public_key", "role", "kind", "names"] as const).every((one) => now[one] === asked[one]);
}

async function current(context: Context, row: IdentityRow, source: string): Promise<CertificateRow> {
  const certificate = await context.database
    .selectFrom("certificate")
    .selectAll()
    .where("identity_id", "=", row.id)
    .where("revoked", "is", null)
    .orderBy("issued", "desc")
    .executeTakeFirst();
  return certificate ?? (await refuse(context, { reason: "claim", source, id: row.id }));
}
