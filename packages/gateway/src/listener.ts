import { createServer, type Server, type Socket } from "node:net";
import { createServer as createTlsServer, type TLSSocket, type Server as TlsServer } from "node:tls";
import { conformanceFinding } from "@modwarden/detect";
import type { Bus } from "./bus.ts";
import type { ListenerConfiguration, TlsConfiguration } from "./configuration.ts";
import type { LineContext } from "./line-context.ts";
import { type Identify, Session } from "./session.ts";
import { createSourceTable, unmapped } from "./sources.ts";

/**
 * TLS 1.2 suites of Modbus/TCP Security R-14 and R-62 and their stronger siblings; AEAD and forward secrecy only.
 * TLS 1.3 suites are OpenSSL's own list.
 */
const CIPHERS = [
  "TLS_AES_128_GCM_SHA256",
  "TLS_AES_256_GCM_SHA384",
  "TLS_CHACHA20_POLY1305_SHA256",
  "ECDHE-ECDSA-AES128-GCM-SHA256",
  "ECDHE-RSA-AES128-GCM-SHA256",
  "ECDHE-ECDSA-AES256-GCM-SHA384",
  "ECDHE-ECDSA-CHACHA20-POLY1305",
].join(":");

/** Where clients arrive: accepts, bounds, finds out who speaks, and hands the connection to a session. */
export class Listener {
  readonly configuration: ListenerConfiguration;
  readonly #context: LineContext;
  readonly #routes: ReadonlyMap<number, Bus>;
  readonly #admit: (session: Session) => void;
  readonly #server: Server | TlsServer;
  readonly #perSource = new Map<string, number>();
  #connections = 0;

  constructor(parts: {
    readonly configuration: ListenerConfiguration;
    readonly tls: TlsConfiguration | undefined;
    readonly context: LineContext;
    readonly routes: ReadonlyMap<number, Bus>;
    readonly admit: (session: Session) => void;
  }) {
    this.configuration = parts.configuration;
    this.#context = parts.context;
    this.#routes = parts.routes;
    this.#admit = parts.admit;
    this.#server = parts.configuration.transport === "tls" ? this.#tlsServer(parts.tls) : this.#plainServer();
  }

  /** Starts to listen; resolves with the URL, its port as it really is. */
  async open(): Promise<string> {
    const { host, port, transport } = this.configuration;
    await new Promise<void>((resolve, reject) => {
      this.#server.once("error", reject);
      this.#server.listen({ host, port }, () => {
        this.#server.off("error", reject);
        resolve();
      });
    });
    const address = this.#server.address();
    const actual = address !== null && typeof address === "object" ? address.port : port;
    const scheme = transport === "tls" ? "modbus+tls" : "modbus+tcp";
    return `${scheme}://${host.includes(":") ? `[${host}]` : host}:${actual}`;
  }

  get connections(): number {
    return this.#connections;
  }

  /** Stops accepting; open sessions are the line's to close. */
  close(): Promise<void> {
    return new Promise((resolve) => this.#server.close(() => resolve()));
  }

  #plainServer(): Server {
    const sources = createSourceTable(this.configuration.sources);
    const server = createServer({ noDelay: true, keepAlive: true, allowHalfOpen: true }, (socket) => {
      const host = this.#enter(socket);
      if (host === undefined) return;
      const mapped = sources.subjectOf(host);
      if (mapped === undefined) {
        this.#context.counters.closedSources += 1;
        this.#reject(socket, host, "unknown-source", "the address is not registered on this listener");
        return;
      }
      this.#start(socket, socket, host, () => this.#context.subjects.ofSource(mapped));
    });
    return server;
  }

  #tlsServer(tls: TlsConfiguration | undefined): TlsServer {
    if (tls === undefined) throw new Error("a TLS listener needs a certificate");
    const server = createTlsServer({
      key: tls.key,
      cert: tls.certificate,
      ca: [...tls.authorities],
      requestCert: true,
      rejectUnauthorized: true,
      minVersion: "TLSv1.2",
      ciphers: CIPHERS,
      honorCipherOrder: true,
      handshakeTimeout: this.#context.limits.handshakeTimeoutMs,
      noDelay: true,
      keepAlive: true,
      allowHalfOpen: true,
    });
    server.on("connection", (socket: Socket) => this.#enter(socket));
    server.on("tlsClientError", (error, socket) => {
      this.#context.counters.closedHandshakes += 1;
      const host = unmapped(socket.remoteAddress ?? "unknown");
      this.#reject(socket, host, "handshake-refused", handshakeReason(error, socket));
    });
    server.on("secureConnection", (socket) => {
      const host = unmapped(socket.remoteAddress ?? "");
      const der = socket.getPeerX509Certificate()?.raw;
      if (der === undefined || host === "") {
        socket.destroy();
        return;
      }
      // R-60: renegotiation is not offered after the handshake.
      socket.disableRenegotiation();
      this.#start(socket, socket, host, () => this.#context.subjects.ofCertificate(der));
    });
    return server;
  }

  /** Counts the connection in, or ends it where a bound is reached. */
  #enter(socket: Socket): string | undefined {
    const host = unmapped(socket.remoteAddress ?? "");
    const { connections, connectionsPerSource } = this.#context.limits;
    const ofSource = this.#perSource.get(host) ?? 0;
    socket.on("error", () => socket.destroy());
    if (host === "" || this.#connections >= connections || ofSource >= connectionsPerSource) {
      this.#context.counters.refusedConnections += 1;
      this.#reject(socket, host, "connection-limit", `${this.#connections} connections, ${ofSource} of this source`);
      return undefined;
    }
    this.#connections += 1;
    this.#context.counters.connections += 1;
    this.#perSource.set(host, ofSource + 1);
    socket.once("close", () => {
      this.#connections -= 1;
      const left = (this.#perSource.get(host) ?? 1) - 1;
      if (left > 0) this.#perSource.set(host, left);
      else this.#perSource.delete(host);
    });
    return host;
  }

  #start(socket: Socket, events: Socket | TLSSocket, host: string, identify: Identify): void {
    const standing = identify();
    if (standing.kind === "refuse") {
      this.#context.counters.closedRevoked += 1;
      this.#context.journal.finding(conformanceFinding("identity-refused", standing.reason), {
        subject: standing.subject,
        location: this.#location(socket, host),
      });
      socket.destroy();
      return;
    }
    const session = new Session({
      context: this.#context,
      socket,
      transport: this.configuration.transport,
      source: sourceText(host, socket.remotePort),
      sourceHost: host,
      identify,
      standing,
      routes: this.#routes,
    });
    events.on("data", (chunk: Uint8Array) => {
      session.receive(chunk);
      this.#context.flushTouched();
    });
    events.on("end", () => session.finish());
    events.on("error", () => session.close());
    events.on("close", () => session.close());
    this.#admit(session);
  }

  #reject(socket: Socket, host: string, rule: Parameters<typeof conformanceFinding>[0], reason: string): void {
    this.#context.journal.finding(conformanceFinding(rule, reason), { location: this.#location(socket, host) });
    socket.destroy();
  }

  #location(socket: Socket, host: string): { site: string; gateway: string; zone?: string; source: string } {
    const { site, gateway, zone } = this.#context.configuration;
    return { site, gateway, ...(zone === undefined ? {} : { zone }), source: sourceText(host, socket.remotePort) };
  }
}

function sourceText(host: string, port: number | undefined): string {
  return `${host.includes(":") ? `[${host}]` : host}:${port ?? 0}`;
}

/** Node reports why a client's certificate failed only here; without it the record would have no reason. */
function handshakeReason(error: Error, socket: TLSSocket): string {
  const authorization: unknown = socket.authorizationError;
  if (authorization instanceof Error) return authorization.message;
  if (typeof authorization === "string") return authorization;
  return error.message;
}
