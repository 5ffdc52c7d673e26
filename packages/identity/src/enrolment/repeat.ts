import { spkiBytes } from "../certificate/read.ts";
import { publicKeyOfRequest } from "../certificate/request.ts";
import { type Context, hmacOf } from "../context.ts";
import { IdentityError } from "../errors.ts";
import type { RefusalReason } from "../events.ts";
import { checkRequestContent, contentOf } from "../external/content.ts";
import type { KeyVerdict } from "../keys/judge.ts";
import type { IdentityRow } from "../registry/schema.ts";
import type { Enrolment, EnrolmentRequest } from "../types.ts";
import { whatItBecame } from "./claim.ts";

/** These are found only after the secret has proven right, and do not hinder who enrolled while the key was good. */
const PROVEN: ReadonlySet<RefusalReason> = new Set(["used-up", "expired"]);

/** The enrolment under this name that is under way. Asked for whatever the key is: a refusal takes the same time. */
export async function enrolmentUnderWay(context: Context, name: string): Promise<IdentityRow | undefined> {
  return await context.database
    .selectFrom("identity")
    .selectAll()
    .where("id", "=", name)
    .where("state", "in", ["pending", "approved", "claimed"])
    .executeTakeFirst();
}

/**
 * Whoever was told to wait, or whose answer got lost, asks the same again: the same name, key pair and registration key
 * lead to what that enrolment has become, and never to a second certificate. Undefined for anything else.
 */
export async function repeated(
  context: Context,
  row: IdentityRow,
  verdict: KeyVerdict,
  request: EnrolmentRequest,
): Promise<Enrolment | undefined> {
  const key = verdict.good ? verdict.row.id : PROVEN.has(verdict.reason) ? verdict.key : undefined;
  if (key === undefined || key !== row.key_id || publicKeyIn(request.csr) !== row.public_key) return undefined;
  const { source } = request;
  // Where a company's authority issues, what is approved may have to wait for it.
  const waits = row.state === "pending" || (row.state === "approved" && context.external !== undefined);
  if (!waits) return await whatItBecame(context, row, { claim: "", source });
  if (context.external !== undefined) checkRequestContent(request.csr, contentOf(row));
  const csr = context.external === undefined ? null : request.csr;
  const claim = Buffer.from(context.random(32)).toString("base64url");
  await context.database
    .updateTable("identity")
    .set({ claim_hmac: hmacOf(context.pepper, claim).toString("hex"), csr })
    .where("id", "=", row.id)
    .where("state", "=", row.state)
    .execute();
  return await whatItBecame(context, { ...row, csr }, { claim, source });
}

/** As the registry keeps it; what is wrong with a request is said where its key has proven good. */
function publicKeyIn(csr: string): string | undefined {
  try {
    return Buffer.from(spkiBytes(publicKeyOfRequest(csr))).toString("base64");
  } catch (error) {
    if (error instanceof IdentityError) return undefined;
    throw error;
  }
}
