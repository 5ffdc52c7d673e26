import { spkiBytes } from "../certificate/read.ts";
import { publicKeyOfRequest } from "../certificate/request.ts";
import type { Context } from "../context.ts";
import { IdentityError } from "../errors.ts";
import type { RefusalReason } from "../events.ts";
import { judgeKey } from "../keys/judge.ts";
import type { IdentityRow } from "../registry/schema.ts";
import type { Enrolment, EnrolmentRequest } from "../types.ts";
import { whatItBecame } from "./claim.ts";
import { enrol } from "./enrol.ts";
import { checkThrottle } from "./refuse.ts";
import { expireUnconfirmed } from "./unconfirmed.ts";

/** These are found only after the secret has proven right, and do not hinder who enrolled while the key was good. */
const PROVEN: ReadonlySet<RefusalReason> = new Set(["used-up", "expired"]);

/**
 * Enrolment as EST knows it: there is one request, and a client that was told to wait, or whose answer got lost, sends
 * the same one again. So the same name, key pair and registration key lead to what that enrolment has become; anything
 * else is a new one. RFC 7030 § 4.2. Errors as `enrol`
 */
export async function enrolByEst(context: Context, request: EnrolmentRequest): Promise<Enrolment> {
  await checkThrottle(context, request.source);
  await expireUnconfirmed(context, context.now());
  const open = await openEnrolment(context, request);
  if (open !== undefined) {
    const verdict = await judgeKey(context, request.key, request);
    const proven = verdict.good ? verdict.row.id : PROVEN.has(verdict.reason) ? verdict.key : undefined;
    if (proven !== undefined && proven === open.key_id) {
      return await whatItBecame(context, open, { claim: "", source: request.source });
    }
  }
  return await enrol(context, request, "est");
}

async function openEnrolment(context: Context, request: EnrolmentRequest): Promise<IdentityRow | undefined> {
  const publicKey = publicKeyIn(request.csr);
  if (publicKey === undefined) return undefined;
  return await context.database
    .selectFrom("identity")
    .selectAll()
    .where("id", "=", request.name)
    .where("method", "=", "est")
    .where("state", "in", ["pending", "approved", "claimed"])
    .where("public_key", "=", publicKey)
    .executeTakeFirst();
}

/** As the registry keeps it; what is wrong with a request is said only after its key has proven good. */
function publicKeyIn(csr: string): string | undefined {
  try {
    return Buffer.from(spkiBytes(publicKeyOfRequest(csr))).toString("base64");
  } catch (error) {
    if (error instanceof IdentityError) return undefined;
    throw error;
  }
}
