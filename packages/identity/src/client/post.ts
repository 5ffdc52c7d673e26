import { request } from "node:https";
import type { z } from "zod";
import { answerIn, readBundle } from "../bundle/payload.ts";
import { errorAnswer } from "../endpoint/wire.ts";
import { IdentityError, type IdentityErrorCode } from "../errors.ts";
import { type Endpoint, unreachable } from "./server-check.ts";

const MAX_ANSWER_BYTES = 65_536;

/** The codes that an endpoint answers with; anything else from it is not believed. */
const ANSWERS = new Set<string>([
  "ERR_ENROLMENT_REFUSED",
  "ERR_ENROLMENT_REQUEST",
  "ERR_ENROLMENT_CSR",
  "ERR_ENROLMENT_CSR_CONTENT",
  "ERR_AUTHORITY_AWAY",
  "ERR_ENROLMENT_ROLE",
  "ERR_ENROLMENT_TAKEN",
  "ERR_ENROLMENT_UNIT",
  "ERR_ENROLMENT_INSTALLER",
  "ERR_ENROLMENT_APPROVER",
  "ERR_IDENTITY_UNKNOWN",
  "ERR_IDENTITY_STATE",
  "ERR_IDENTITY_APPROVAL",
  "ERR_ENROLMENT_CONFIRM",
  "ERR_RENEWAL_EARLY",
  "ERR_RENEWAL_ENDED",
] satisfies IdentityErrorCode[]);

export interface Connection {
  readonly endpoint: Endpoint;
  /** The one root that is trusted (PEM). */
  readonly root: string;
  readonly timeoutMs: number;
  /** What a confirmation shows: PEM. */
  readonly identity?: { readonly key: string; readonly chain: string };
}

/** An answer as it came. */
export interface Answer {
  readonly status: number;
  readonly text: string;
}

/** Posts JSON to a verified server and reads its answer. Errors: those of the endpoint, ERR_ENROLMENT_UNREACHABLE, -_SERVER, -_ANSWER */
export async function post<Schema extends z.ZodType>(
  connection: Connection,
  path: string,
  body: object,
  schema: Schema,
): Promise<z.output<Schema>> {
  return readAnswer(path, await exchange(connection, path, JSON.stringify(body)), schema, {
    root: connection.root,
    nowMs: Date.now(),
  });
}

/**
 * What an answer says; a bundle has to be signed under the root (PEM), and its certificate to hold by the
 * device's clock. Errors: those of the endpoint,
 * ERR_ENROLMENT_ANSWER, ERR_BUNDLE_INVALID, ERR_ENROLMENT_PIN, ERR_ENROLMENT_CLOCK
 */
export function readAnswer<Schema extends z.ZodType>(
  path: string,
  { status, text }: Answer,
  schema: Schema,
  at: { readonly root: string; readonly nowMs?: number },
): z.output<Schema> {
  const parsed = parseJson(text);
  if (status === 200 || status === 202) {
    const value = isSigned(parsed) ? answerIn(text, readBundle(text, at, at.nowMs)) : parsed;
    const answer = schema.safeParse(value);
    if (answer.success) return answer.data;
    throw new IdentityError("ERR_ENROLMENT_ANSWER", `the server's answer to ${path} is not one of enrolment`);
  }
  throw refusal(status, parsed);
}

function isSigned(value: unknown): boolean {
  return typeof value === "object" && value !== null && "signature" in value;
}

function refusal(status: number, value: unknown): IdentityError {
  const parsed = errorAnswer.safeParse(value);
  if (!parsed.success || !ANSWERS.has(parsed.data.error.code)) {
    return new IdentityError("ERR_ENROLMENT_ANSWER", `the server answered with status ${status}`);
  }
  const { code, message, correlation, wanted } = parsed.data.error;
  const known = status === 429 ? "ERR_ENROLMENT_THROTTLED" : (code as IdentityErrorCode);
  const sentence =
    known === "ERR_ENROLMENT_THROTTLED" ? "too many refusals from here: wait a minute" : printable(message);
  return new IdentityError(known, sentence, {
    ...(correlation === undefined ? {} : { correlation: printable(correlation) }),
    ...(wanted === undefined ? {} : { wanted }),
  });
}

/** One POST. Errors: ERR_ENROLMENT_UNREACHABLE, ERR_ENROLMENT_SERVER */
export function exchange(connection: Connection, path: string, body: string): Promise<Answer> {
  const { endpoint, identity } = connection;
  return new Promise((resolve, reject) => {
    const fail = (cause: unknown): void => {
      clearTimeout(timer);
      sent.destroy();
      reject(causeOf(endpoint, cause));
    };
    const sent = request(
      {
        ...endpoint,
        path,
        method: "POST",
        agent: false,
        ca: connection.root,
        rejectUnauthorized: true,
        minVersion: "TLSv1.2",
        headers: { "content-type": "application/json", "content-length": Buffer.byteLength(body) },
        ...(identity === undefined ? {} : { key: identity.key, cert: identity.chain }),
      },
      (response) => {
        const chunks: Buffer[] = [];
        let size = 0;
        response.on("data", (chunk: Buffer) => {
          size += chunk.length;
          if (size > MAX_ANSWER_BYTES) fail(new Error("the answer is too large"));
          else chunks.push(chunk);
        });
        response.on("error", fail);
        response.on("end", () => {
          clearTimeout(timer);
          resolve({ status: response.statusCode ?? 0, text: Buffer.concat(chunks).toString("utf8") });
        });
      },
    );
    const timer = setTimeout(() => fail(new Error(`no answer in ${connection.timeoutMs} ms`)), connection.timeoutMs);
    sent.on("error", fail);
    sent.end(body);
  });
}

function causeOf(endpoint: Endpoint, cause: unknown): IdentityError {
  const code = cause instanceof Error && "code" in cause ? String(cause.code) : "";
  // Node names a failed verification by OpenSSL's words (CERT_HAS_EXPIRED, UNABLE_TO_…) or by its own for the name.
  if (code === "CERT_NOT_YET_VALID") {
    const message = `the certificate of ${endpoint.host}:${endpoint.port} does not hold yet, and this device's clock says ${new Date().toISOString()}: it is behind. Set it, then run the same command again; nothing was sent`;
    return new IdentityError("ERR_ENROLMENT_CLOCK", message, { cause });
  }
  if (code === "ERR_TLS_CERT_ALTNAME_INVALID" || /^(CERT_|UNABLE_TO_|DEPTH_|SELF_SIGNED|INVALID_)/.test(code)) {
    const message = `the certificate of ${endpoint.host}:${endpoint.port} does not hold (${code}): nothing was sent to it`;
    return new IdentityError("ERR_ENROLMENT_SERVER", message, { cause });
  }
  return unreachable(endpoint, cause);
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch (cause) {
    throw new IdentityError("ERR_ENROLMENT_ANSWER", "the server's answer is no JSON", { cause });
  }
}

/** A sentence from the network goes to a terminal: without control characters. */
function printable(text: string): string {
  return text.replaceAll(/\p{Cc}/gu, " ").slice(0, 500);
}
