import {
  approverOf,
  type EndpointRequest,
  type EndpointRoutes,
  endpointAnswer,
  foldCrockford,
} from "@modwarden/identity";
import { roleOf } from "@modwarden/modbus";
import { z } from "zod";
import type { Approval } from "./approval.ts";
import { askedApproval } from "./asked.ts";
import type { ApprovalDesk, Caller } from "./desk.ts";
import { ApprovalError, type ApprovalErrorCode } from "./error.ts";

/** What an answer may hold, well below what a client reads. */
const MAX_LIST_CHARACTERS = 48_000;

const STATUS: Readonly<Record<ApprovalErrorCode, number>> = {
  ERR_APPROVAL_UNKNOWN: 404,
  ERR_APPROVAL_ENDED: 409,
  ERR_APPROVAL_EXPIRED: 409,
  ERR_APPROVAL_OWN: 403,
  ERR_APPROVAL_TWICE: 409,
  ERR_APPROVAL_ROLE: 403,
  ERR_APPROVAL_IDENTITY: 403,
  ERR_APPROVAL_NOT_NEEDED: 409,
  ERR_APPROVAL_REFUSED: 403,
  ERR_APPROVAL_FULL: 409,
  ERR_APPROVAL_THROTTLED: 429,
  ERR_APPROVAL_QUESTION: 400,
  ERR_APPROVAL_VOID: 409,
};

const id = z.string().min(1).max(16).transform(foldCrockford);
export const byApproval: z.ZodType<{ readonly id: string }> = z.strictObject({ id });
export const denial: z.ZodType<{ readonly id: string; readonly reason?: string }> = z.strictObject({
  id,
  reason: z
    .string()
    .min(1)
    .max(200)
    .regex(/^\P{Cc}*$/u, "a reason is one line of text")
    .exactOptional(),
});
const nothing = z.strictObject({});

/** Approvals over the network: everyone is the holder of the certificate that they show. */
export function approvalRoutes(desk: ApprovalDesk): EndpointRoutes {
  const route = <Body>(
    schema: z.ZodType<Body>,
    run: (body: Body, caller: Caller) => Promise<unknown> | unknown,
  ): EndpointRoutes[string] => ({
    method: "POST",
    async handler({ identities }, request) {
      try {
        const holder = await identities.holder(approverOf(request));
        const caller = { person: { id: holder.id, role: effectiveRole(request, holder.role) }, source: request.source };
        return endpointAnswer(200, await run(parsed(request.body, schema), caller));
      } catch (error) {
        if (!(error instanceof ApprovalError)) throw error;
        return endpointAnswer(STATUS[error.code], { error: { code: error.code, message: error.message } });
      }
    },
  });
  return {
    "/v1/approvals/request": route(askedApproval, (asked, caller) => desk.request(asked, caller)),
    "/v1/approvals/list": route(nothing, (_, caller) => newest(desk.list(caller))),
    "/v1/approvals/show": route(byApproval, (asked, caller) => desk.show(asked.id, caller)),
    "/v1/approvals/approve": route(byApproval, (asked, caller) => desk.approve(asked.id, caller)),
    "/v1/approvals/deny": route(denial, (asked, caller) => desk.deny(asked.id, caller, asked.reason)),
    "/v1/approvals/withdraw": route(byApproval, (asked, caller) => desk.withdraw(asked.id, caller)),
  };
}

/** The role that certificate and registry agree on: after a change of role there is none until the renewal. */
function effectiveRole({ clientCertificate }: EndpointRequest, registered: string | null): string | null {
  const { role } = clientCertificate === undefined ? { role: null } : roleOf(clientCertificate);
  return role === registered ? role : null;
}

function parsed<Body>(body: string, schema: z.ZodType<Body>): Body {
  const result = schema.safeParse(parsedJson(body));
  if (result.success) return result.data;
  const [issue] = result.error.issues;
  const where = issue?.path.join(".") ?? "";
  throw new ApprovalError(
    "ERR_APPROVAL_QUESTION",
    `${where === "" ? "the body" : where}: ${issue?.message ?? "is wrong"}`,
  );
}

function parsedJson(body: string): unknown {
  try {
    return JSON.parse(body) as unknown;
  } catch (cause) {
    throw new ApprovalError("ERR_APPROVAL_QUESTION", "the body is no JSON", { cause });
  }
}

function newest(approvals: readonly Approval[]): { readonly total: number; readonly approvals: readonly Approval[] } {
  const shown: Approval[] = [];
  let characters = 0;
  for (const approval of approvals.toReversed()) {
    characters += JSON.stringify(approval).length;
    if (characters > MAX_LIST_CHARACTERS) break;
    shown.unshift(approval);
  }
  return { total: approvals.length, approvals: shown };
}
