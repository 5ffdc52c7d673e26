import type { IncomingMessage, ServerResponse } from "node:http";
import { createServer, type Server } from "node:https";
import { isIPv6 } from "node:net";
import { TLSSocket } from "node:tls";
import { IdentityError } from "../errors.ts";
import type { EstResponse } from "../est/answer.ts";
import { handleEst, isEstPath } from "../est/handle.ts";
import { plainAddress } from "../names.ts";
import { needsServerCertificate } from "../server-certificate.ts";
import type { IdentityService, ServerCertificate } from "../types.ts";
import { limitConnections } from "./connection-limit.ts";
import { failed, gone, handleEnrolment, tooLarge } from "./handle.ts";
import type { EndpointResponse, Routes } from "./route.ts";
import { MAX_BODY_BYTES } from "./wire.ts";

export interface EnrolmentServerOptions {
  readonly service: IdentityService;
  /** `https://host:port`; port 0 takes a free one. */
  readonly listen: string;
  /** Host names and addresses that clients use, for the endpoint's certificate; the one it listens at is added. */
  readonly names: readonly string[];
  readonly now: () => Date;
  /** Routes of the site's own, beside those of enrolment. */
  readonly routes?: Routes;
  /** What went wrong in the server itself; requests that are merely refused do not come here. */
  readonly onError?: (error: unknown) => void;
  readonly connections?: number;
  readonly connectionsPerSource?: number;
}

export interface EnrolmentServer {
  /** With the actual port. */
  readonly url: string;
  readonly port: number;
  /** Connections that a bound refused since the start. */
  refusedConnections(): number;
  close(): Promise<void>;
}

const TICK_MS = 15_000;
const WILDCARDS: ReadonlySet<string> = new Set(["0.0.0.0", "::", "::0"]);

/**
 * The enrolment endpoint over HTTPS. A client certificate is asked for, not required: only /v1/confirm needs one, and
 * there it is known by its fingerprint. Everything a stranger can hold is bounded: connections, headers, body, time.
 */
export async function startEnrolmentServer(options: EnrolmentServerOptions): Promise<EnrolmentServer> {
  const { service } = options;
  const onError = options.onError ?? (() => undefined);
  const at = parseListen(options.listen);
  const names = [...new Set([...options.names, ...(WILDCARDS.has(at.host) ? [] : [at.host])])];
  let certificate = await service.issueEndpointCertificate(names);
  const server = createServer(
    {
      ...tlsOptions(service, certificate),
      handshakeTimeout: 5000,
      headersTimeout: 5000,
      requestTimeout: 10_000,
      keepAliveTimeout: 2000,
      connectionsCheckingInterval: 1000,
      maxHeaderSize: 8192,
    },
    (request, response) => {
      answer(service, request, options.routes).then(
        (answered) => send(response, answered),
        (error: unknown) => {
          onError(error);
          send(response, failed());
        },
      );
    },
  );
  server.maxRequestsPerSocket = 8;
  const refused = limitConnections(server, options.connections ?? 128, options.connectionsPerSource ?? 64);
  server.on("error", onError);
  await listen(server, at);
  // Its certificate is renewed in time, and unconfirmed enrolments end on time without a request.
  let busy = false;
  const tick = async (): Promise<void> => {
    if (busy) return;
    busy = true;
    try {
      await service.expireUnconfirmed();
      await service.expireWaiting();
      if (needsServerCertificate(Date.parse(certificate.expires), options.now().getTime())) {
        certificate = await service.issueEndpointCertificate(names);
        server.setSecureContext(tlsOptions(service, certificate));
      }
    } catch (error) {
      onError(error);
    } finally {
      busy = false;
    }
  };
  const timer = setInterval(() => void tick(), TICK_MS).unref();
  const address = server.address();
  const port = typeof address === "object" && address !== null ? address.port : at.port;
  return {
    url: `https://${isIPv6(at.host) ? `[${at.host}]` : at.host}:${port}`,
    port,
    refusedConnections: refused,
    async close() {
      clearInterval(timer);
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      server.closeAllConnections();
      await closed;
    },
  };
}

function tlsOptions(
  service: IdentityService,
  certificate: ServerCertificate,
): {
  readonly key: string;
  readonly cert: string;
  readonly ca: string[];
  readonly requestCert: true;
  readonly rejectUnauthorized: false;
  readonly minVersion: "TLSv1.2";
} {
  const { key, chain } = certificate;
  const ca = [...service.authority.roots];
  return { key, cert: chain, ca, requestCert: true, rejectUnauthorized: false, minVersion: "TLSv1.2" };
}

async function answer(
  service: IdentityService,
  request: IncomingMessage,
  routes: Routes | undefined,
): Promise<EndpointResponse | EstResponse> {
  const body = await readBody(request);
  if (body === "too large") return tooLarge();
  if (body === "gone") return gone();
  const socket = request.socket;
  const certificate = socket instanceof TLSSocket ? socket.getPeerX509Certificate()?.raw : undefined;
  const asked = {
    method: request.method ?? "",
    path: (request.url ?? "").split("?", 1)[0] ?? "",
    source: plainAddress(socket.remoteAddress ?? ""),
    ...(certificate === undefined ? {} : { clientCertificate: certificate }),
  };
  if (!isEstPath(asked.path)) {
    return await handleEnrolment(service, { ...asked, body: Buffer.from(body).toString("utf8") }, routes);
  }
  const { authorization, "content-type": contentType } = request.headers;
  return await handleEst(service, {
    ...asked,
    body,
    ...(authorization === undefined ? {} : { authorization }),
    ...(contentType === undefined ? {} : { contentType }),
  });
}

/** The rest of a body that is too large is not read, and a client may leave half-way. */
function readBody(request: IncomingMessage): Promise<Uint8Array | "too large" | "gone"> {
  if (Number(request.headers["content-length"] ?? 0) > MAX_BODY_BYTES) return Promise.resolve("too large");
  const chunks: Buffer[] = [];
  let size = 0;
  return new Promise((resolve) => {
    request.on("data", (chunk: Buffer) => {
      size += chunk.length;
      if (size <= MAX_BODY_BYTES) {
        chunks.push(chunk);
        return;
      }
      request.pause();
      resolve("too large");
    });
    request.on("end", () => resolve(Buffer.concat(chunks)));
    request.on("error", () => resolve("gone"));
    request.on("close", () => resolve("gone"));
  });
}

function send(response: ServerResponse, answered: EndpointResponse | EstResponse): void {
  if (response.destroyed) return;
  const content = "bytes" in answered ? (answered.bytes ?? answered.body) : answered.body;
  response.writeHead(answered.status, {
    "content-type": answered.contentType,
    "content-length": Buffer.byteLength(content),
    "cache-control": "no-store",
    connection: "close",
    ...(answered.status === 429 || answered.status === 503 ? { "retry-after": "60" } : {}),
    ...("headers" in answered ? answered.headers : {}),
  });
  response.end(content);
}

function listen(server: Server, at: { readonly host: string; readonly port: number }): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen(at.port, at.host, () => {
      server.off("error", reject);
      resolve();
    });
  });
}

function parseListen(url: string): { readonly host: string; readonly port: number } {
  const parsed = URL.canParse(url) ? new URL(url) : undefined;
  if (parsed?.protocol !== "https:" || parsed.pathname !== "/") {
    throw new IdentityError("ERR_IDENTITY_INVALID", `"${url}" is no address to listen at: write https://host:port`);
  }
  return { host: parsed.hostname.replace(/^\[|\]$/g, ""), port: parsed.port === "" ? 443 : Number(parsed.port) };
}
