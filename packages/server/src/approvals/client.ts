import { askAs, IdentityError, type LoadedIdentity } from "@modwarden/identity";
import { z } from "zod";
import { ApprovalError, approvalErrorCodes } from "./error.ts";

/** Of the endpoint itself, before any approval is looked at. */
const REFUSED = ["ERR_ENROLMENT_APPROVER", "ERR_ENROLMENT_REFUSED", "ERR_ENROLMENT_REQUEST"] as const;
const refusal = z.object({
  error: z.object({
    code: z.union([z.enum(approvalErrorCodes), z.enum(REFUSED)]),
    message: z.string().max(2_000),
    correlation: z.string().max(32).optional(),
  }),
});

/**
 * One step of an approval by an identity of one's own, at the site's enrolment endpoint: "request", "list", "show",
 * "approve", "deny", "withdraw". Errors: those of the desk, ERR_ENROLMENT_APPROVER, -_THROTTLED, -_UNREACHABLE,
 * -_SERVER, -_ANSWER
 */
export async function approvalWith(
  identity: LoadedIdentity,
  step: string,
  parameters: object,
  url?: string,
): Promise<unknown> {
  const at = url === undefined ? {} : { url };
  const { status, body } = await askAs(identity, `/v1/approvals/${step}`, parameters, at);
  if (status === 200) return body;
  const said = refusal.safeParse(body);
  if (!said.success) {
    throw new IdentityError("ERR_ENROLMENT_ANSWER", `the server answered with status ${status}`);
  }
  const { code, message, correlation } = said.data.error;
  // A sentence from the network goes to a terminal: without control characters.
  const sentence = message.replaceAll(/\p{Cc}/gu, " ");
  const more = correlation === undefined ? {} : { correlation };
  switch (code) {
    case "ERR_ENROLMENT_REFUSED":
      throw new IdentityError("ERR_ENROLMENT_THROTTLED", "too many refusals from here: wait a minute", more);
    case "ERR_ENROLMENT_APPROVER":
    case "ERR_ENROLMENT_REQUEST":
      throw new IdentityError(code, sentence, more);
    default:
      throw new ApprovalError(code, sentence);
  }
}
