/** The console's server as one Hono application: gate, token, API, probes and the console's files. */
import { OpenAPIHono } from "@hono/zod-openapi";
import type { Context } from "hono";
import { bodyLimit } from "hono/body-limit";
import { getCookie } from "hono/cookie";
import { type ApiOptions, type Environment, mountApi } from "./api.ts";
import { type ConsoleFile, notBuiltPage } from "./console-files.ts";
import { type ConsoleErrorCode, errorBody } from "./errors.ts";
import { EXPLAIN_PATH, isApi, isPost, SESSION_PATH, turnAway } from "./gate.ts";
import { securityHeaders } from "./headers.ts";
import { sameSecret } from "./token.ts";

export interface AppOptions extends ApiOptions {
  readonly files: ReadonlyMap<string, ConsoleFile> | undefined;
  /** The Host headers that mean this server; known once it listens. */
  readonly hosts: () => ReadonlySet<string>;
  readonly ready: () => boolean;
  /** Told of every error inside a handler, for the site's own log. */
  readonly failed: (error: Error) => void;
}

const MAX_BODY = 4096;
/** Two thousand values and what is known of as many points fit in. */
const MAX_QUESTION = 65_536;

export function consoleApp(options: AppOptions): OpenAPIHono<Environment> {
  const app = new OpenAPIHono<Environment>({
    defaultHook: (result, c) =>
      result.success ? undefined : refuse(c, 400, "ERR_CONSOLE_BAD_REQUEST", "The request is not of this form."),
  });

  app.use(async (c, next) => {
    const away = atTheGate(c, options.hosts());
    if (away === undefined) await next();
    else c.res = away;
    for (const [name, value] of Object.entries(securityHeaders)) c.res.headers.set(name, value);
    if (!c.res.headers.has("cache-control")) c.res.headers.set("cache-control", "no-store");
  });
  app.use("/api/*", async (c, next) => {
    if (c.req.path === SESSION_PATH || isKnown(c, options)) return next();
    return refuse(c, 401, "ERR_CONSOLE_TOKEN", "Open the address that the command printed: it carries the token.");
  });
  for (const [path, maxSize] of [[SESSION_PATH, MAX_BODY] as const, [EXPLAIN_PATH, MAX_QUESTION] as const]) {
    const onError = (c: Context): Response => refuse(c, 413, "ERR_CONSOLE_TOO_LARGE", "The body is too large.");
    app.use(path, bodyLimit({ maxSize, onError }));
  }
  mountApi(app, options);

  app.get("/healthz", (c) => c.json({ alive: true }));
  app.get("/readyz", (c) => {
    const ready = options.ready();
    return c.json({ ready }, ready ? 200 : 503);
  });
  app.get("*", (c) => {
    const file = isApi(c.req.path) ? undefined : options.files?.get(c.req.path);
    if (file !== undefined) return answerFile(c, file);
    if (c.req.path === "/") return c.html(notBuiltPage);
    return refuse(c, 404, "ERR_CONSOLE_NOT_FOUND", "There is nothing here.");
  });

  app.onError((error, c) => {
    // 400: a body that cannot be read; 415: one that does not say that it is JSON.
    if ("status" in error && (error.status === 400 || error.status === 415)) {
      return refuse(c, 400, "ERR_CONSOLE_BAD_REQUEST", "The request is not of this form.");
    }
    options.failed(error);
    return refuse(c, 500, "ERR_CONSOLE_INTERNAL", "The server failed to answer; its log says why.");
  });
  return app;
}

function atTheGate(c: Context<Environment>, hosts: ReadonlySet<string>): Response | undefined {
  const { headers } = c.env.incoming;
  const knock = {
    method: c.req.raw.method,
    path: c.req.path,
    host: headers.host,
    origin: headers.origin,
    fetchSite: c.req.header("sec-fetch-site"),
  };
  const away = turnAway(knock, hosts);
  if (away === undefined) return undefined;
  if (away.status === 405) c.header("allow", isPost(knock.path) ? "POST" : "GET, HEAD");
  return refuse(c, away.status, away.code, away.message);
}

function isKnown(c: Context<Environment>, options: AppOptions): boolean {
  const bearer = /^Bearer ([A-Za-z0-9_-]{1,256})$/.exec(c.req.header("authorization") ?? "")?.[1];
  if (bearer !== undefined) return sameSecret(bearer, options.token);
  const cookie = getCookie(c, options.cookieName());
  return cookie !== undefined && sameSecret(cookie, options.session);
}

function answerFile(c: Context<Environment>, file: ConsoleFile): Response {
  c.header("cache-control", file.immutable ? "public, max-age=31536000, immutable" : "no-cache");
  c.header("etag", file.etag);
  if (c.req.header("if-none-match") === file.etag) return c.body(null, 304);
  return c.body(file.bytes, 200, { "content-type": file.type });
}

type Refusal = 400 | 401 | 403 | 404 | 405 | 413 | 500;

function refuse(c: Context, status: Refusal, code: ConsoleErrorCode, message: string): Response {
  return c.json(errorBody(code, message), status);
}
