import { IdentityError, type IdentityErrorCode } from "../errors.ts";
import type { IdentityService } from "../types.ts";
import { approvalRoutes } from "./approval.ts";
import { enrolmentRoutes } from "./enrolment.ts";
import { keyRoutes } from "./keys.ts";
import { listRoutes } from "./lists.ts";
import { renewalRoutes } from "./renewal.ts";
import { type EndpointRequest, type EndpointResponse, problem, type Routes } from "./route.ts";
import { MAX_BODY_BYTES } from "./wire.ts";

const ROUTES: Routes = { ...enrolmentRoutes, ...approvalRoutes, ...renewalRoutes, ...keyRoutes, ...listRoutes };

/** What goes back as an answer; every other code is a fault of the server. */
export const STATUS: Readonly<Partial<Record<IdentityErrorCode, number>>> = {
  ERR_ENROLMENT_REFUSED: 403,
  ERR_ENROLMENT_THROTTLED: 429,
  ERR_ENROLMENT_REQUEST: 400,
  ERR_ENROLMENT_CSR: 400,
  ERR_ENROLMENT_CSR_CONTENT: 400,
  ERR_AUTHORITY_AWAY: 503,
  ERR_ENROLMENT_ROLE: 403,
  ERR_ENROLMENT_TAKEN: 409,
  ERR_ENROLMENT_UNIT: 409,
  ERR_ENROLMENT_INSTALLER: 403,
  ERR_ENROLMENT_APPROVER: 403,
  ERR_ENROLMENT_CONFIRM: 403,
  ERR_RENEWAL_EARLY: 409,
  ERR_RENEWAL_ENDED: 403,
  ERR_IDENTITY_UNKNOWN: 404,
  ERR_IDENTITY_STATE: 409,
  ERR_IDENTITY_APPROVAL: 409,
};

/**
 * The enrolment endpoint as a function: every route of the tables beside it, and of the site's own under `more`. Refused keys get one status and one body
 * but for the correlation code; throttling differs in the status (429) alone. Throws only what is a fault of the
 * server itself.
 */
export async function handleEnrolment(
  service: IdentityService,
  request: EndpointRequest,
  more: Routes = {},
): Promise<EndpointResponse> {
  const { path } = request;
  const routes = Object.hasOwn(ROUTES, path) ? ROUTES : more;
  const route = Object.hasOwn(routes, path) ? routes[path] : undefined;
  if (route === undefined) return problem(404, "ERR_ENROLMENT_REQUEST", "there is nothing at this path");
  if (route.method !== request.method) return problem(405, "ERR_ENROLMENT_REQUEST", `use ${route.method}`);
  if (Buffer.byteLength(request.body) > MAX_BODY_BYTES) return tooLarge();
  try {
    return await route.handler(service, request);
  } catch (error) {
    const status = error instanceof IdentityError ? STATUS[error.code] : undefined;
    if (!(error instanceof IdentityError) || status === undefined) throw error;
    const code = error.code === "ERR_ENROLMENT_THROTTLED" ? "ERR_ENROLMENT_REFUSED" : error.code;
    return problem(status, code, error.message, error);
  }
}

export function tooLarge(): EndpointResponse {
  return problem(413, "ERR_ENROLMENT_REQUEST", `a request has at most ${MAX_BODY_BYTES} bytes`);
}

/** For the log at most: whoever asked has left before the end of the question. */
export function gone(): EndpointResponse {
  return problem(400, "ERR_ENROLMENT_REQUEST", "the request ended half-way");
}

export function failed(): EndpointResponse {
  return problem(500, "ERR_ENROLMENT_FAILED", "the server could not do this: its log says why");
}
