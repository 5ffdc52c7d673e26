/** The API's routes: what the OpenAPI document says of each, and its handler. All of them only read. */
import type { HttpBindings } from "@hono/node-server";
import { createRoute, type OpenAPIHono, z } from "@hono/zod-openapi";
import { AskedError, askedSchema } from "@modwarden/policy";
import { setCookie } from "hono/cookie";
import type { Approval } from "../approvals/approval.ts";
import { mountAuditBlame } from "./audit-blame-route.ts";
import { mountAuditSearch } from "./audit-search-routes.ts";
import { mountAuditState } from "./audit-state-route.ts";
import type { AuditView } from "./audit-view.ts";
import { errorBody } from "./errors.ts";
import type { EventStreams } from "./event-streams.ts";
import { EXPLAIN_PATH, SESSION_PATH } from "./gate.ts";
import type { PolicyView } from "./policy-view.ts";
import type { RegistryView } from "./registry-view.ts";
import {
  ApprovalShape,
  DeviceShape,
  ErrorShape,
  ExplanationShape,
  IdentitiesShape,
  KeysShape,
  PolicyShape,
  RefusalShape,
  StatusShape,
  TransactionShape,
} from "./schemas.ts";
import type { SiteView } from "./site-view.ts";
import { sameSecret } from "./token.ts";

export type Environment = { Bindings: HttpBindings };

export interface ApiOptions {
  readonly view: SiteView;
  readonly registry: RegistryView;
  readonly policy: PolicyView;
  readonly approvals: () => readonly Approval[];
  readonly audit: AuditView;
  readonly streams: EventStreams;
  readonly token: string;
  readonly session: string;
  /** Cookies are shared by all ports of a host, so the cookie's name holds the port. */
  readonly cookieName: () => string;
}

const json = <T extends z.ZodType>(schema: T, description: string) => ({
  description,
  content: { "application/json": { schema } },
});

const security = [{ token: [] }, { session: [] }];
const refusals = {
  401: json(ErrorShape, "No valid token or session"),
  403: json(ErrorShape, "Foreign Host or Origin"),
};

/** Live numbers count up from the start of the site. */
const LiveNumber = z.coerce.number().int().min(0).max(Number.MAX_SAFE_INTEGER);

const statusRoute = createRoute({
  method: "get",
  path: "/api/v1/status",
  summary: "What the site is and how it does",
  security,
  responses: { 200: json(StatusShape, "The site's status"), ...refusals },
});

const devicesRoute = createRoute({
  method: "get",
  path: "/api/v1/devices",
  summary: "The devices with the last known value of every point",
  security,
  responses: { 200: json(z.object({ devices: z.array(DeviceShape).readonly() }), "All devices"), ...refusals },
});

const transactionsRoute = createRoute({
  method: "get",
  path: "/api/v1/transactions",
  summary: "The newest transactions, newest last",
  security,
  request: { query: z.object({ limit: z.coerce.number().int().min(1).max(1000).default(200) }) },
  responses: {
    200: json(z.object({ transactions: z.array(TransactionShape).readonly() }), "At most `limit` transactions"),
    400: json(ErrorShape, "A limit that is none"),
    ...refusals,
  },
});

const identitiesRoute = createRoute({
  method: "get",
  path: "/api/v1/identities",
  summary: "Who is registered: the first 1,000, and how many there are",
  security,
  responses: { 200: json(IdentitiesShape, "Identities, by id"), ...refusals },
});

const keysRoute = createRoute({
  method: "get",
  path: "/api/v1/keys",
  summary: "Registration keys without their secrets: the newest 1,000, and how many there are",
  security,
  responses: { 200: json(KeysShape, "Keys, the newest last"), ...refusals },
});

const refusalsRoute = createRoute({
  method: "get",
  path: "/api/v1/refusals",
  summary: "Who was refused, the newest first, with the correlation code that they were given",
  security,
  request: { query: z.object({ limit: z.coerce.number().int().min(1).max(1000).default(100) }) },
  responses: {
    200: json(z.object({ refusals: z.array(RefusalShape).readonly() }), "At most `limit` refusals"),
    400: json(ErrorShape, "A limit that is none"),
    ...refusals,
  },
});

const approvalsRoute = createRoute({
  method: "get",
  path: "/api/v1/approvals",
  summary: "What people are asked to approve, and what became of it lately, the newest last",
  security,
  responses: { 200: json(z.object({ approvals: z.array(ApprovalShape).readonly() }), "All of them"), ...refusals },
});

const eventsRoute = createRoute({
  method: "get",
  path: "/api/v1/events",
  summary: "Server-sent events: status, devices, transactions, dropped, ping",
  description:
    "Starts with the status, all devices, and the transactions after `since` (or after `Last-Event-ID`; without either " +
    "the last 200). `dropped` counts the transactions that this reader was too slow for.",
  security,
  request: { query: z.object({ since: LiveNumber.optional() }) },
  responses: {
    200: { description: "The stream", content: { "text/event-stream": { schema: z.string() } } },
    400: json(ErrorShape, "A number that is none"),
    503: json(ErrorShape, "As many streams are open as there may be"),
    ...refusals,
  },
});

const policyRoute = createRoute({
  method: "get",
  path: "/api/v1/policy",
  summary: "The policy in force with its text, and the versions before it",
  security,
  responses: { 200: json(PolicyShape, "The policy in force"), ...refusals },
});

const explainRoute = createRoute({
  method: "post",
  path: EXPLAIN_PATH,
  summary: "What the policy in force decides of a request, and why",
  description: "The body has the keys of a test in a policy file, without what it expects.",
  security,
  request: { body: { required: true, content: { "application/json": { schema: askedSchema } } } },
  responses: {
    200: json(ExplanationShape, "The explanation, as the record of such a request would have it"),
    400: json(ErrorShape, "What describes no request"),
    413: json(ErrorShape, "A body above 64 KiB"),
    ...refusals,
  },
});

const SessionRequest = z.strictObject({ token: z.string().max(256) }).openapi("SessionRequest");

const sessionRoute = createRoute({
  method: "post",
  path: SESSION_PATH,
  summary: "Exchange the token of the printed address for a session cookie",
  request: { body: { required: true, content: { "application/json": { schema: SessionRequest } } } },
  responses: {
    204: { description: "The cookie is set" },
    400: json(ErrorShape, "A body that is none"),
    413: json(ErrorShape, "A body above 4 KiB"),
    ...refusals,
  },
});

export function mountApi(app: OpenAPIHono<Environment>, options: ApiOptions): void {
  const { view, registry, streams } = options;

  app.openapi(sessionRoute, (c) => {
    if (!sameSecret(c.req.valid("json").token, options.token)) {
      return c.json(errorBody("ERR_CONSOLE_TOKEN", "That token is not of this start."), 401);
    }
    setCookie(c, options.cookieName(), options.session, { httpOnly: true, sameSite: "Strict", path: "/api/" });
    return c.body(null, 204);
  });
  app.openapi(statusRoute, (c) => c.json(view.status(), 200));
  app.openapi(devicesRoute, (c) => c.json({ devices: view.devices() }, 200));
  app.openapi(transactionsRoute, (c) => c.json({ transactions: view.transactions(c.req.valid("query").limit) }, 200));
  app.openapi(identitiesRoute, async (c) => c.json(await registry.identities(), 200));
  app.openapi(keysRoute, async (c) => c.json(await registry.keys(), 200));
  app.openapi(refusalsRoute, async (c) => {
    const { limit } = c.req.valid("query");
    return c.json({ refusals: await registry.refusals(limit) }, 200);
  });
  app.openapi(approvalsRoute, (c) => c.json({ approvals: options.approvals() }, 200));
  app.openapi(policyRoute, (c) => c.json(options.policy.current(), 200));
  app.openapi(explainRoute, (c) => {
    try {
      return c.json(options.policy.explain(c.req.valid("json")), 200);
    } catch (error) {
      if (!(error instanceof AskedError)) throw error;
      return c.json(errorBody("ERR_CONSOLE_BAD_REQUEST", error.message), 400);
    }
  });
  app.openapi(eventsRoute, (c) => {
    const headers = { "content-type": "text/event-stream", connection: "close" };
    if (c.req.raw.method === "HEAD") return c.body(null, 200, headers);
    const resumed = LiveNumber.safeParse(c.req.header("last-event-id"));
    const stream = streams.open(resumed.success ? resumed.data : c.req.valid("query").since);
    if (stream === undefined) {
      c.header("retry-after", "5");
      return c.json(errorBody("ERR_CONSOLE_BUSY", "As many consoles are open as there may be."), 503);
    }
    return c.body(stream, 200, headers);
  });

  for (const mount of [mountAuditSearch, mountAuditBlame, mountAuditState]) mount(app, options.audit);
  app.openAPIRegistry.registerComponent("securitySchemes", "token", { type: "http", scheme: "bearer" });
  app.openAPIRegistry.registerComponent("securitySchemes", "session", {
    type: "apiKey",
    in: "cookie",
    name: "modwarden_<port>",
  });
  const document = app.getOpenAPI31Document({
    openapi: "3.1.0",
    info: { title: "modwarden", version: "1", description: "The read-only API of a running site." },
  });
  app.get("/api/v1/openapi.json", (c) => c.json(document));
}
