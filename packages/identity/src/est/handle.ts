import { X509Certificate } from "node:crypto";
import { commonNameOf } from "../certificate/common-name.ts";
import { fingerprintOf } from "../certificate/fingerprint.ts";
import { derOfPem, splitPem } from "../certificate/pem.ts";
import { certsOnly } from "../certificate/pkcs7.ts";
import { STATUS } from "../endpoint/handle.ts";
import { IdentityError } from "../errors.ts";
import type { Enrolment, IdentityService } from "../types.ts";
import { type EstResponse, encoded, sentence } from "./answer.ts";
import { CSR_ATTRIBUTES, CSR_ATTRIBUTES_WITH_CONTENT } from "./attributes.ts";
import { basicCredentials } from "./basic.ts";
import { requestPem } from "./request-body.ts";

/** A request as plain values; `clientCertificate` (DER) only when TLS has proven possession of its key. */
export interface EstRequest {
  readonly method: string;
  /** Without query. */
  readonly path: string;
  readonly authorization?: string;
  readonly contentType?: string;
  readonly body: Uint8Array;
  /** The address it came from. */
  readonly source: string;
  readonly clientCertificate?: Uint8Array;
}

interface Operation {
  readonly method: "GET" | "POST";
  readonly run: (service: IdentityService, request: EstRequest) => Promise<EstResponse> | EstResponse;
}

const ROOT = "/.well-known/est/";
const CERTIFICATES = "application/pkcs7-mime; smime-type=certs-only";
/** How long a client waits before it asks whether a person has approved. */
const RETRY_SECONDS = 60;
const CHALLENGE = { "www-authenticate": 'Basic realm="modwarden enrolment", charset="UTF-8"' } as const;

const OPERATIONS: Readonly<Record<string, Operation>> = {
  cacerts: {
    method: "GET",
    run: (service) => {
      const authorities = [...splitPem(service.chain), ...service.authority.companyRoots];
      return encoded("application/pkcs7-mime", certsOnly(authorities.map(derOfPem)));
    },
  },
  csrattrs: {
    method: "GET",
    run: (service) =>
      encoded(
        "application/csrattrs",
        service.authority.companyRoots.length === 0 ? CSR_ATTRIBUTES : CSR_ATTRIBUTES_WITH_CONTENT,
      ),
  },
  simpleenroll: { method: "POST", run: simpleEnrol },
  simplereenroll: { method: "POST", run: simpleReenrol },
};

export function isEstPath(path: string): boolean {
  return path.startsWith(ROOT);
}

/**
 * Enrolment over Secure Transport as a function, over the same core as the JSON API. The registration key is the
 * password of HTTP Basic, the name in the registry its user. Whatever is asked over a connection that shows a
 * certificate which waits for its confirmation confirms it: a standard client knows no other way to say so. Throws only
 * what is a fault of the server itself. RFC 7030, RFC 8951
 */
export async function handleEst(service: IdentityService, request: EstRequest): Promise<EstResponse> {
  const name = request.path.slice(ROOT.length);
  const operation = Object.hasOwn(OPERATIONS, name) ? OPERATIONS[name] : undefined;
  if (operation === undefined) return sentence(404, "there is no such EST operation here");
  const { method } = operation;
  // HEAD is GET whose body stays behind. RFC 9110 § 9.3.2
  if (request.method !== method && !(request.method === "HEAD" && method === "GET")) {
    return sentence(405, `use ${method}`, { allow: method === "GET" ? "GET, HEAD" : method });
  }
  try {
    await confirmShown(service, request);
    return await operation.run(service, request);
  } catch (error) {
    const status = error instanceof IdentityError ? STATUS[error.code] : undefined;
    if (!(error instanceof IdentityError) || status === undefined) throw error;
    return refusal(error, status, name);
  }
}

async function confirmShown(service: IdentityService, request: EstRequest): Promise<void> {
  if (request.clientCertificate === undefined) return;
  const fingerprint = fingerprintOf(request.clientCertificate);
  if (await service.awaitsConfirmation(fingerprint)) await service.confirm(fingerprint, request.source);
}

async function simpleEnrol(service: IdentityService, request: EstRequest): Promise<EstResponse> {
  const credentials = basicCredentials(request.authorization);
  if (credentials === undefined) {
    return sentence(
      401,
      "authenticate with HTTP Basic: the name in the registry as user, the registration key as password",
      CHALLENGE,
    );
  }
  if (!isSigningRequest(request)) return notASigningRequest();
  // What is wrong with the request is said by the core, and only to a key that has proven good.
  const csr = requestPem(request.body) ?? "";
  const name = credentials.user === "" ? (commonNameOf(csr) ?? "") : credentials.user;
  const { source } = request;
  return certificateOr202(await service.enrol({ key: credentials.password, csr, name, source, method: "est" }));
}

/**
 * A certificate for a new key, for whoever shows the one that counts. Subject and names are the registry's again, so the
 * request's are not compared (RFC 7030 § 4.2.2 wants them the same). A standard client decides itself when it renews,
 * and has no other operation for a certificate that has ended meanwhile: such a one recovers by this.
 */
async function simpleReenrol(service: IdentityService, request: EstRequest): Promise<EstResponse> {
  if (request.clientCertificate === undefined) {
    return sentence(403, "ask over a connection that shows the certificate which is to be renewed");
  }
  if (!isSigningRequest(request)) return notASigningRequest();
  const fingerprint = fingerprintOf(request.clientCertificate);
  const csr = requestPem(request.body) ?? "";
  const offer = await service.recover({ fingerprint, csr, force: true, source: request.source });
  return encoded(CERTIFICATES, certsOnly([new X509Certificate(offer.chain).raw]));
}

function isSigningRequest(request: EstRequest): boolean {
  return request.contentType?.split(";", 1)[0]?.trim().toLowerCase() === "application/pkcs10";
}

function notASigningRequest(): EstResponse {
  return sentence(415, "send the signing request with Content-Type: application/pkcs10");
}

/** Only the certificate that was issued: the authorities are what `cacerts` is for. RFC 7030 § 4.2.3 */
function certificateOr202(enrolment: Enrolment): EstResponse {
  if (enrolment.state === "pending") {
    const what = enrolment.waitsFor === "authority" ? "the company's authority" : "approval by a person";
    return later(`"${enrolment.id}" waits for ${what}`);
  }
  return encoded(CERTIFICATES, certsOnly([new X509Certificate(enrolment.chain).raw]));
}

function later(why: string): EstResponse {
  return sentence(202, `${why}: send the same request again later`, { "retry-after": String(RETRY_SECONDS) });
}

function refusal(error: IdentityError, status: number, operation: string): EstResponse {
  const { code, message, correlation } = error;
  if (code === "ERR_AUTHORITY_AWAY") return later(message);
  const text = correlation === undefined ? message : `${message} (correlation code ${correlation})`;
  // Only here a password was refused. RFC 9110 § 15.5.2
  if (code === "ERR_ENROLMENT_REFUSED" && operation === "simpleenroll") return sentence(401, text, CHALLENGE);
  return sentence(status, text);
}
