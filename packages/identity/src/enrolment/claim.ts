import { type Context, hmacEquals } from "../context.ts";
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
  const { id, role } = row;
  switch (stateOf(row.state)) {
    case "pending": {
      const anchors = [context.authority.root];
      return { id, role, state: "pending", claim: request.claim, anchors, serverTime: context.now().toISOString() };
    }
    case "approved":
      return await claimedAnswer(context, row, await handOut(context, row, request.source));
    case "claimed":
      return await claimedAnswer(context, row, await current(context, row, request.source));
    default:
      return await refuse(context, { reason: "claim", source: request.source, id });
  }
}

async function handOut(context: Context, row: IdentityRow, source: string): Promise<CertificateRow> {
  const result = await context.database.transaction().execute(async (transaction) => {
    const now = await transaction
      .selectFrom("identity")
      .selectAll()
      .where("id", "=", row.id)
      .where("state", "=", "approved")
      .executeTakeFirst();
    if (now === undefined) return undefined;
    const certificate = await issueClaimed(context, transaction, now);
    const { fingerprint } = certificate;
    const key = now.key_id === null ? {} : { key: now.key_id };
    await context.edge(transaction, { kind: "enrolment", event: "claimed", id: now.id, ...key, fingerprint, source });
    return certificate;
  });
  if (result === undefined) return await current(context, row, source);
  await context.committed();
  return result;
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
