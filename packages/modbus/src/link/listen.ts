import { type AddressInfo, createServer as createTcpServer, type Server } from "node:net";
import { createServer as createTlsServer, type TLSSocket, Server as TlsServer } from "node:tls";
import { BadUrlError, NoConnectionError } from "../errors.ts";
import type { ModbusUrl } from "../url.ts";
import type { Link } from "./link.ts";
import { SocketLink, socketPeer } from "./socket.ts";
import { secureContextOptions, type TlsServerOptions } from "./tls.ts";

export interface ListenLinkOptions {
  /** Needed for modbus+tls. */
  readonly tls?: TlsServerOptions;
  /** Sockets at one time, those in their handshake included; more are closed at once. Default 1024. */
  readonly maxSockets?: number;
  /** Milliseconds for a client's handshake; default 5000. */
  readonly handshakeTimeoutMs?: number;
  /** Shares the port with others that listen at it so; the system deals connections out. Not on every platform. */
  readonly reusePort?: boolean;
  /** A connection that is ready to be opened. */
  readonly onLink: (link: Link) => void;
  /** A handshake that failed. This is the only place where the reason is known: TLS sends none to the client. */
  readonly onRefused?: (peer: string, cause: Error) => void;
}

/** A socket that listens. */
export interface Listening {
  /** With the actual port. */
  readonly url: ModbusUrl;
  /** Takes new keys, authorities and revocation lists for handshakes from now on. */
  setTls(tls: TlsServerOptions): void;
  /** Accepts no more; open links stay open. */
  close(): Promise<void>;
}

/**
 * Listens at a modbus+tcp or modbus+tls URL. Rejects with `ERR_MODBUS_NO_CONNECTION` when the address cannot be taken.
 * Sockets are half-open: a client that has sent its last request and FIN still gets its answers.
 */
export async function listenLink(url: ModbusUrl, options: ListenLinkOptions): Promise<Listening> {
  const server = url.scheme === "tls" ? tlsServer(options) : tcpServer(url, options);
  server.maxConnections = options.maxSockets ?? 1024;
  await new Promise<void>((resolve, reject) => {
    const onError = (cause: Error): void =>
      reject(new NoConnectionError(`cannot listen at ${url.host}:${url.port}: ${cause.message}`, { cause }));
    server.once("error", onError);
    server.listen({ port: url.port, host: url.host, reusePort: options.reusePort ?? false }, () => {
      server.off("error", onError);
      resolve();
    });
  });
  // Errors of a listening socket concern one accept (such as no free file descriptor); it keeps listening.
  server.on("error", (cause) => options.onRefused?.("unknown", cause));
  const { port } = server.address() as AddressInfo;
  return {
    url: { ...url, port },
    setTls(tls) {
      if (!(server instanceof TlsServer)) throw new BadUrlError(`modbus+${url.scheme} has no TLS settings`);
      server.setSecureContext(secureContextOptions(tls));
    },
    close: () =>
      new Promise((resolve) => {
        // The callback waits for every open socket; refusing new ones is all that is asked here.
        server.close();
        resolve();
      }),
  };
}

function tcpServer(url: ModbusUrl, options: ListenLinkOptions): Server {
  if (url.scheme !== "tcp") {
    throw new BadUrlError(`modbus+${url.scheme} is not spoken yet; this version listens at modbus+tcp and modbus+tls`);
  }
  return createTcpServer({ allowHalfOpen: true, noDelay: true }, (socket) => options.onLink(new SocketLink(socket)));
}

function tlsServer(options: ListenLinkOptions): Server {
  const tls = options.tls;
  if (tls === undefined) {
    throw new NoConnectionError("modbus+tls needs a key, a certificate and the authorities that may vouch for clients");
  }
  const server = secureServer(tls, options.handshakeTimeoutMs ?? 5000);
  server.on("secureConnection", (socket: TLSSocket) => {
    // RFC 5746 stays indicated in the handshake; no session needs a second one.
    socket.disableRenegotiation();
    options.onLink(new SocketLink(socket));
  });
  server.on("tlsClientError", (error: Error, socket: TLSSocket) => {
    // For a certificate that does not verify, Node ends the socket without an alert and keeps the reason here.
    const reason = socket.authorizationError as Error | string | null | undefined;
    const cause = reason ? new Error(`client certificate refused: ${reason}`, { cause: error }) : error;
    options.onRefused?.(socketPeer(socket), cause);
    socket.destroy();
  });
  return server;
}

function secureServer(tls: TlsServerOptions, handshakeTimeout: number): TlsServer {
  try {
    return createTlsServer({
      ...secureContextOptions(tls),
      allowHalfOpen: true,
      noDelay: true,
      honorCipherOrder: true,
      handshakeTimeout,
      requestCert: tls.requestCert ?? true,
      rejectUnauthorized: tls.rejectUnauthorized ?? true,
    });
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new NoConnectionError(`the TLS key, certificate or authorities cannot be used: ${reason}`, { cause });
  }
}
