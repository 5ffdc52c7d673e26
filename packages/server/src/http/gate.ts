/**
 * Who may ask at all, before any token is looked at. A page of another origin must neither reach the API by a name that
 * it points at this machine (DNS rebinding), nor by the browser's own session cookie (cross-site requests).
 */
import type { ConsoleErrorCode } from "./errors.ts";
import { bracketed } from "./loopback.ts";

/** Exchanging the token for a session. */
export const SESSION_PATH = "/api/v1/session";
/** A question to the policy, which is too long for an address; it changes nothing. */
export const EXPLAIN_PATH = "/api/v1/policy/explain";

/** Whether a request to `path` is a POST and nothing else. */
export function isPost(path: string): boolean {
  return path === SESSION_PATH || path === EXPLAIN_PATH;
}

export interface Knock {
  readonly method: string;
  readonly path: string;
  readonly host: string | undefined;
  readonly origin: string | undefined;
  /** `Sec-Fetch-Site`, which browsers send and pages cannot forge. */
  readonly fetchSite: string | undefined;
}

export interface TurnedAway {
  readonly status: 403 | 405;
  readonly code: ConsoleErrorCode;
  readonly message: string;
}

/** The Host headers that mean this server: the address it listens on, and `localhost`. */
export function ownHosts(host: string, port: number): ReadonlySet<string> {
  const names = [bracketed(host), "localhost"];
  return new Set(names.flatMap((name) => (port === 80 ? [name, `${name}:80`] : [`${name}:${port}`])));
}

/** Undefined lets the request in. */
export function turnAway(knock: Knock, hosts: ReadonlySet<string>): TurnedAway | undefined {
  const host = knock.host?.toLowerCase();
  if (host === undefined || !hosts.has(host)) {
    return { status: 403, code: "ERR_CONSOLE_HOST", message: "This server does not answer to that Host." };
  }
  if (knock.origin !== undefined && knock.origin.toLowerCase() !== `http://${host}`) {
    return { status: 403, code: "ERR_CONSOLE_ORIGIN", message: "Pages of another origin may not ask here." };
  }
  if (isApi(knock.path) && knock.fetchSite !== undefined && !["same-origin", "none"].includes(knock.fetchSite)) {
    return { status: 403, code: "ERR_CONSOLE_ORIGIN", message: "Pages of another site may not ask here." };
  }
  const reads = knock.method === "GET" || knock.method === "HEAD";
  if (isPost(knock.path) ? knock.method !== "POST" : !reads) {
    return { status: 405, code: "ERR_CONSOLE_METHOD", message: "The API is read-only." };
  }
  return undefined;
}

export function isApi(path: string): boolean {
  return path === "/api" || path.startsWith("/api/");
}
