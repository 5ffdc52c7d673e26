import { splitPem } from "../certificate/pem.ts";
import { IdentityError } from "../errors.ts";
import type { LoadedIdentity } from "./folder.ts";
import { exchange } from "./post.ts";
import { parseEndpoint } from "./server-check.ts";

const TIMEOUT_MS = 20_000;

/**
 * Posts JSON to the endpoint of a site over a connection that shows an identity's certificate, and returns what came:
 * for routes that are not of enrolment. `url`: where its own endpoint is elsewhere now. Errors:
 * ERR_ENROLMENT_UNREACHABLE, ERR_ENROLMENT_SERVER, ERR_ENROLMENT_ANSWER for what is no JSON
 */
export async function askAs(
  identity: LoadedIdentity,
  path: string,
  body: object,
  options: { readonly url?: string; readonly timeoutMs?: number } = {},
): Promise<{ readonly status: number; readonly body: unknown }> {
  const connection = {
    endpoint: parseEndpoint(options.url ?? identity.url),
    timeoutMs: options.timeoutMs ?? TIMEOUT_MS,
    root: identity.ca,
    identity: { key: identity.key, chain: splitPem(identity.cert).join("") },
  };
  const { status, text } = await exchange(connection, path, JSON.stringify(body));
  try {
    return { status, body: JSON.parse(text) as unknown };
  } catch (cause) {
    throw new IdentityError("ERR_ENROLMENT_ANSWER", "the server's answer is no JSON", { cause });
  }
}
