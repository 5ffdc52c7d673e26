import type { z } from "zod";
import { fingerprintOf } from "../certificate/fingerprint.ts";
import { IdentityError } from "../errors.ts";
import type { Approver, IdentityService } from "../types.ts";

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
  readonly contentType:
    | "application/json"
    | "application/jose+json"
    | "application/x-pem-file"
    | "application/pkix-crl";
  readonly body: string;
  /** Sent in place of `body`, where the answer is no text. */
  readonly bytes?: Uint8Array;
}

export interface Route {
  readonly method: string;
  readonly handler: (service: IdentityService, request: EndpointRequest) => Promise<EndpointResponse>;
}

/** By path. Each theme has a table of its own. */
export type Routes = Readonly<Record<string, Route>>;

/** The body as `schema` has it. Error: ERR_ENROLMENT_REQUEST */
export function parse<Schema extends z.ZodType>(request: EndpointRequest, schema: Schema): z.output<Schema> {
  const result = schema.safeParse(parseJson(request.body));
  if (result.success) return result.data;
  // The path only: a message of the schema could repeat what was sent.
  const where = result.error.issues[0]?.path.join(".") ?? "";
  throw new IdentityError(
    "ERR_ENROLMENT_REQUEST",
    `the body is not of the right form${where === "" ? "" : ` at ${where}`}`,
  );
}

/** Whoever has shown a certificate, not yet known to be anybody. Error: ERR_ENROLMENT_APPROVER */
export function approverOf({ clientCertificate, source }: EndpointRequest): Approver {
  if (clientCertificate === undefined) {
    throw new IdentityError("ERR_ENROLMENT_APPROVER", "approve over a connection that shows your own certificate");
  }
  return { presented: fingerprintOf(clientCertificate), source };
}

export function json(status: number, value: unknown): EndpointResponse {
  return { status, contentType: "application/json", body: `${JSON.stringify(value)}\n` };
}

/** A certificate goes to its holder as one signed bundle, over the network and across an air gap the same bytes. */
export function signed({ bundle }: { readonly bundle: string }): EndpointResponse {
  return { status: 200, contentType: "application/jose+json", body: bundle };
}

export function problem(
  status: number,
  code: string,
  message: string,
  { correlation, wanted }: Pick<IdentityError, "correlation" | "wanted"> = {},
): EndpointResponse {
  const error = {
    ...{ code, message },
    ...(correlation === undefined ? {} : { correlation }),
    ...(wanted === undefined ? {} : { wanted }),
  };
  return json(status, { error });
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch (cause) {
    throw new IdentityError("ERR_ENROLMENT_REQUEST", "the body is no JSON", { cause });
  }
}
