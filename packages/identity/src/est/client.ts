import { request } from "node:https";
import { der } from "@modwarden/modbus";
import { certificatePem, derOfPem } from "../certificate/pem.ts";
import { certificatesOf } from "../certificate/pkcs7.ts";
import { IdentityError } from "../errors.ts";

/** An authority that speaks EST. */
export interface EstAuthority {
  /** `https://host:port`, or with the path of the authority behind it; `/.well-known/est` is added. RFC 7030 § 3.2.2 */
  readonly url: string;
  /** Roots (PEM) that its certificate has to lead to. */
  readonly anchors: string;
  /** HTTP Basic. RFC 7030 § 3.2.3 */
  readonly user?: string;
  readonly password?: string;
  /** A key and certificate chain (PEM) that are shown over TLS. RFC 7030 § 3.3.2 */
  readonly identity?: { readonly key: string; readonly chain: string };
  /** Per exchange. Default 30 s: an authority may ask another one. */
  readonly timeoutMs?: number;
}

const MAX_ANSWER_BYTES = 256 * 1024;
const TIMEOUT_MS = 30_000;

/**
 * Has a request (PEM) signed by another authority: the certificate, and the chain above it as far as that authority
 * knows it (PEM, in no order). What came back is for the caller to check. RFC 7030 § 4.1, § 4.2.1. Errors:
 * ERR_ENROLMENT_UNREACHABLE, ERR_ENROLMENT_SERVER, ERR_AUTHORITY_IMPORT when it refuses or answers something else
 */
export async function certifyByEst(authority: EstAuthority, csr: string): Promise<string> {
  const base64 = Buffer.from(derOfPem(csr)).toString("base64");
  const leaf = await exchange(authority, "simpleenroll", base64.replaceAll(/.{64}/g, "$&\n"));
  const above = await exchange(authority, "cacerts");
  return [...leaf, ...above].map((bytes) => certificatePem(bytes)).join("");
}

async function exchange(authority: EstAuthority, operation: string, body?: string): Promise<readonly Uint8Array[]> {
  const { status, text } = await ask(authority, operation, body);
  if (status === 202) throw refused(`it wants a person to decide first (${operation}): ask again later`);
  if (status === 401 || status === 403)
    throw refused(`it does not take the user or password (${operation}: ${status})`);
  if (status !== 200) throw refused(`it answered ${operation} with status ${status}`);
  try {
    return certificatesOf(Buffer.from(text, "base64"));
  } catch (cause) {
    if (!(cause instanceof der.DerError)) throw cause;
    throw refused(`its answer to ${operation} is no PKCS #7 of certificates`, cause);
  }
}

function ask(
  authority: EstAuthority,
  operation: string,
  body: string | undefined,
): Promise<{ readonly status: number; readonly text: string }> {
  const at = addressOf(authority.url, operation);
  const { user, password = "", identity, timeoutMs = TIMEOUT_MS } = authority;
  const credentials = Buffer.from(`${user}:${password}`, "utf8").toString("base64");
  return new Promise((resolve, reject) => {
    const sent = request(
      at,
      {
        ...{ method: body === undefined ? "GET" : "POST", agent: false, ca: authority.anchors, minVersion: "TLSv1.2" },
        ...(identity === undefined ? {} : { key: identity.key, cert: identity.chain }),
        headers: {
          ...(user === undefined ? {} : { authorization: `Basic ${credentials}` }),
          ...(body === undefined
            ? {}
            : {
                "content-type": "application/pkcs10",
                "content-transfer-encoding": "base64",
                "content-length": Buffer.byteLength(body),
              }),
        },
      },
      (response) => {
        const chunks: Buffer[] = [];
        let size = 0;
        response.on("data", (chunk: Buffer) => {
          size += chunk.length;
          if (size > MAX_ANSWER_BYTES) sent.destroy(new Error("the answer is too large"));
          else chunks.push(chunk);
        });
        response.on("error", fail);
        response.on("end", () => {
          clearTimeout(timer);
          resolve({ status: response.statusCode ?? 0, text: Buffer.concat(chunks).toString("latin1") });
        });
      },
    );
    const fail = (cause: Error): void => {
      clearTimeout(timer);
      reject(unreachable(at, cause));
    };
    const timer = setTimeout(() => sent.destroy(new Error(`no answer in ${timeoutMs} ms`)), timeoutMs);
    sent.on("error", fail);
    sent.end(body);
  });
}

function addressOf(url: string, operation: string): URL {
  const parsed = URL.canParse(url) ? new URL(url) : undefined;
  if (parsed?.protocol !== "https:") {
    throw new IdentityError(
      "ERR_ENROLMENT_REQUEST",
      `"${url}" is no address of an EST server: write https://host:port`,
    );
  }
  const label = parsed.pathname.replaceAll(/^\/|\/$/g, "");
  return new URL(`/.well-known/est/${label === "" ? "" : `${label}/`}${operation}`, parsed);
}

function unreachable(at: URL, cause: Error): IdentityError {
  const code = "code" in cause ? String(cause.code) : "";
  if (code === "ERR_TLS_CERT_ALTNAME_INVALID" || /^(CERT_|UNABLE_TO_|DEPTH_|SELF_SIGNED|INVALID_)/.test(code)) {
    const message = `the certificate of ${at.host} does not lead to the anchors that were given (${code})`;
    return new IdentityError("ERR_ENROLMENT_SERVER", message, { cause });
  }
  return new IdentityError("ERR_ENROLMENT_UNREACHABLE", `no EST server at ${at.host}: ${cause.message}`, { cause });
}

function refused(why: string, cause?: unknown): IdentityError {
  return new IdentityError("ERR_AUTHORITY_IMPORT", `the EST server has issued nothing: ${why}`, { cause });
}
