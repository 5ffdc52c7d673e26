/** The console's server: one HTTP listener on this machine's own address, bounded in everything that a peer can send. */
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { getRequestListener } from "@hono/node-server";
import type { Approval } from "../approvals/approval.ts";
import { consoleApp } from "./app.ts";
import type { AuditView } from "./audit-view.ts";
import { loadConsoleFiles } from "./console-files.ts";
import { EventStreams, type StreamLimits } from "./event-streams.ts";
import { ownHosts } from "./gate.ts";
import { bracketed, isLoopbackAddress, notLoopback, parseConsoleListen } from "./loopback.ts";
import type { PolicyView } from "./policy-view.ts";
import type { RegistryView } from "./registry-view.ts";
import type { SiteView } from "./site-view.ts";
import { newSecret, type RandomBytes } from "./token.ts";

export interface HttpOptions {
  readonly view: SiteView;
  readonly registry: RegistryView;
  readonly policy: PolicyView;
  /** Those that wait for people or for their use, and those that ended lately, the newest last. */
  readonly approvals: () => readonly Approval[];
  readonly audit: AuditView;
  /** `console.listen` of the site file: `http://127.0.0.1:8080`; port 0 picks a free one. */
  readonly listen: string;
  /** The folder of the built console. */
  readonly consoleDir: string;
  readonly random: RandomBytes;
  /** Made anew for each start unless given. */
  readonly token?: string;
  /** Whether the site does its work: what `/readyz` says. */
  readonly ready?: () => boolean;
  /** Told of every error inside a handler. */
  readonly failed?: (error: Error) => void;
  readonly now?: () => number;
  readonly limits?: Partial<HttpLimits>;
}

export interface HttpLimits extends StreamLimits {
  readonly connections: number;
}

export interface RunningHttp {
  /** `http://127.0.0.1:8080/` */
  readonly url: string;
  /** The same with `#token=…`: what a person opens. A fragment is never sent, so it stands in no log of this server. */
  readonly address: string;
  close(): Promise<void>;
}

const defaultLimits: HttpLimits = { connections: 64, streams: 8, flushMs: 100, pingMs: 5_000 };

/** An open stream and its pings keep a connection busy; anything silent for this long has gone. */
const IDLE_MS = 30_000;
const CLOSE_MS = 1_000;

/** @throws ConsoleError ERR_CONSOLE_NOT_LOOPBACK, ERR_CONSOLE_BAD_ADDRESS; and what `net.listen` says, as it says it. */
export async function startHttp(options: HttpOptions): Promise<RunningHttp> {
  const { host, port } = parseConsoleListen(options.listen);
  const limits = { ...defaultLimits, ...options.limits };
  const token = options.token ?? newSecret(options.random);
  const streams = new EventStreams(options.view, limits, options.now ?? Date.now);
  let actualPort = port;
  const app = consoleApp({
    view: options.view,
    registry: options.registry,
    policy: options.policy,
    approvals: options.approvals,
    audit: options.audit,
    streams,
    files: loadConsoleFiles(options.consoleDir),
    hosts: () => ownHosts(host, actualPort),
    token,
    session: newSecret(options.random),
    cookieName: () => `modwarden_${actualPort}`,
    ready: options.ready ?? (() => true),
    failed: options.failed ?? (() => {}),
  });
  const listener = getRequestListener(app.fetch, { overrideGlobalObjects: false });
  const server = createServer(
    { maxHeaderSize: 8192, headersTimeout: 5_000, requestTimeout: 10_000, keepAliveTimeout: 5_000 },
    (incoming, outgoing) => void listener(incoming, outgoing),
  );
  server.maxConnections = limits.connections;
  server.maxHeadersCount = 64;
  server.setTimeout(IDLE_MS);
  const bound = await listenOn(server, host, port);
  actualPort = bound.port;
  if (!isLoopbackAddress(bound.address)) {
    await close(server, streams);
    throw notLoopback(`${host}, which is ${bound.address} here,`);
  }
  const url = `http://${bracketed(host)}:${actualPort}/`;
  return { url, address: `${url}#token=${token}`, close: () => close(server, streams) };
}

function listenOn(server: Server, host: string, port: number): Promise<AddressInfo> {
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, host, () => {
      server.off("error", reject);
      resolve(server.address() as AddressInfo);
    });
  });
}

/** Ends the streams, lets answers that are under way go out, and then closes what is left. */
function close(server: Server, streams: EventStreams): Promise<void> {
  return new Promise((resolve) => {
    const force = setTimeout(() => server.closeAllConnections(), CLOSE_MS);
    server.close(() => {
      clearTimeout(force);
      resolve();
    });
    streams.endAll();
    server.closeIdleConnections();
  });
}
