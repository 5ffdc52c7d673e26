import type { z } from "zod";
import { fingerprintOf } from "../certificate/fingerprint.ts";
import { IdentityError, type IdentityErrorCode } from "../errors.ts";
import type { IdentityService } from "../types.ts";
import { claimBody, enrolBody, MAX_BODY_BYTES } from "./wire.ts";

/** A request as plain values; `clientCertificate` (DER) only when TLS has proven possession of its key. */
export interface EndpointRequest {
  readonly method: string;
  /** Without query. */
  readonly path: string;
  readonly body: string;
  /** The address it came from. */
  readonly source: string;
  readonly clientCertificate?: Uint8Array;
}

export interface EndpointResponse {
  readonly status: number;
  readonly contentType: "application/json" | "application/x-pem-file";
  readonly body: string;
}

type Handler = (service: IdentityService, request: EndpointRequest) => Promise<EndpointResponse>;

const ROUTES: Readonly<Record<string, { readonly method: string; readonly handler: Handler }>> = {
  "/v1/enrol": {
    method: "POST",
    async handler(service, request) {
      const { role, serial, ...body } = parse(request, enrolBody);
      const enrolment = await service.enrol({
        ...body,
        ...(role === undefined ? {} : { role }),
        ...(serial === undefined ? {} : { serial }),
        source: request.source,
      });
      return json(enrolment.state === "pending" ? 202 : 200, enrolment);
    },
  },
  "/v1/claim": {
    method: "POST",
    async handler(service, request) {
      const enrolment = await service.claim({ ...parse(request, claimBody), source: request.source });
      return json(enrolment.state === "pending" ? 202 : 200, enrolment);
    },
  },
  "/v1/confirm": {
    method: "POST",
    async handler(service, request) {
      if (request.clientCertificate === undefined) {
        throw new IdentityError("ERR_ENROLMENT_CONFIRM", "confirm over a connection that shows the new certificate");
      }
      return json(200, await service.confirm(fingerprintOf(request.clientCertificate), request.source));
    },
  },
  "/v1/ca": {
    method: "GET",
    handler: (service) =>
      Promise.resolve({ status: 200, contentType: "application/x-pem-file", body: service.chain } as const),
  },
};

const STATUS: Readonly<Partial<Record<IdentityErrorCode, number>>> = {
  ERR_ENROLMENT_REFUSED: 403,
  ERR_ENROLMENT_THROTTLED: 429,
  ERR_ENROLMENT_REQUEST: 400,
  ERR_ENROLMENT_CSR: 400,
  ERR_ENROLMENT_ROLE: 403,
  ERR_ENROLMENT_TAKEN: 409,
  ERR_ENROLMENT_CONFIRM: 403,
};

/**
 * The enrolment endpoint as a function: POST /v1/enrol, /v1/claim, /v1/confirm, GET /v1/ca. Refused keys get one
 * status and one body but for the correlation code; throttling differs in the status (429) alone. Throws only what is
 * a fault of the server itself.
 */
export async function handleEnrolment(service: IdentityService, request: EndpointRequest): Promise<EndpointResponse> {
  const route = Object.hasOwn(ROUTES, request.path) ? ROUTES[request.path] : undefined;
  if (route === undefined) return problem(404, "ERR_ENROLMENT_REQUEST", "there is nothing at this path");
  if (route.method !== request.method) return problem(405, "ERR_ENROLMENT_REQUEST", `use ${route.method}`);
  if (Buffer.byteLength(request.body) > MAX_BODY_BYTES) return tooLarge();
  try {
    return await route.handler(service, request);
  } catch (error) {
    const status = error instanceof IdentityError ? STATUS[error.code] : undefined;
    if (!(error instanceof IdentityError) || status === undefined) throw error;
    const code = error.code === "ERR_ENROLMENT_THROTTLED" ? "ERR_ENROLMENT_REFUSED" : error.code;
    return problem(status, code, error.message, error.correlation);
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

function parse<Schema extends z.ZodType>(request: EndpointRequest, schema: Schema): z.output<Schema> {
  const result = schema.safeParse(parseJson(request.body));
  if (result.success) return result.data;
  // The path only: a message of the schema could repeat what was sent.
  const where = result.error.issues[0]?.path.join(".") ?? "";
  throw new IdentityError(
    "ERR_ENROLMENT_REQUEST",
    `the body is not of the right form${where === "" ? "" : ` at ${where}`}`,
  );
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch (cause) {
    throw new IdentityError("ERR_ENROLMENT_REQUEST", "the body is no JSON", { cause });
  }
}

function json(status: number, value: unknown): EndpointResponse {
  return { status, contentType: "application/json", body: `${JSON.stringify(value)}\n` };
}

function problem(status: number, code: string, message: string, correlation?: string): EndpointResponse {
  return json(status, { error: { code, message, ...(correlation === undefined ? {} : { correlation }) } });
}
