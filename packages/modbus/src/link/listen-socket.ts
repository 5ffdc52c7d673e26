import { type AddressInfo, createServer as createTcpServer, type ListenOptions, type Server } from "node:net";
import { createServer as createTlsServer, type TLSSocket, Server as TlsServer } from "node:tls";
import { BadUrlError, NoConnectionError } from "../errors.ts";
import { type ModbusUrl, placeOf } from "../url.ts";
import { certificateProblemOf } from "./certificate-problem.ts";
import { lineTimingOf } from "./line-timing.ts";
import type { Listening, ListenLinkOptions } from "./listen.ts";
import { paced } from "./paced.ts";
import { SocketLink, socketPeer } from "./socket.ts";
import { checkTls, secureContextOptions, type TlsServerOptions } from "./tls.ts";

/**
 * Listens over TCP or TLS, whatever framing runs over it.
 * Sockets are half-open: a client that has sent its last request and FIN still gets its answers.
 */
export async function listenSocket(url: ModbusUrl, options: ListenLinkOptions): Promise<Listening> {
  let current = options.tls;
  const server = url.scheme === "tls" ? tlsServer(url, options, () => current) : plainServer(url, options);
  const { reusePort = false } = options;
  await listening(server, { port: url.port, host: url.host, reusePort }, placeOf(url));
  // Errors of a listening socket concern one accept (such as no free file descriptor); it keeps listening.
  server.on("error", (cause) => options.onFault?.(placeOf(url), cause));
  const { port } = server.address() as AddressInfo;
  return {
    url: { ...url, port },
    setTls(tls) {
      if (!(server instanceof TlsServer)) throw new BadUrlError(`modbus+${url.scheme} has no TLS settings`);
      checkTls(tls);
      server.setSecureContext(secureContextOptions(tls));
      current = tls;
    },
    close: async () => {
      // The callback would wait for every open socket; refusing new ones is all that is asked here.
      server.close();
    },
  };
}

/** Resolves when the server listens. */
export function listening(server: Server, where: ListenOptions, place: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const onError = (cause: Error): void =>
      reject(new NoConnectionError(`cannot listen at ${place}: ${cause.message}`, { cause }));
    server.once("error", onError);
    server.listen(where, () => {
      server.off("error", onError);
      resolve();
    });
  });
}

/** Without TLS. */
export function plainServer(url: ModbusUrl, options: ListenLinkOptions): Server {
  const line = lineTimingOf(url, options.line);
  const server = createTcpServer({ allowHalfOpen: true, noDelay: url.path === undefined }, (socket) =>
    options.onLink(paced(new SocketLink(socket, url, options), line)),
  );
  server.maxConnections = options.maxSockets ?? 1024;
  return server;
}

function tlsServer(url: ModbusUrl, options: ListenLinkOptions, current: () => TlsServerOptions | undefined): Server {
  const tls = options.tls;
  if (tls === undefined) {
    throw new NoConnectionError("modbus+tls needs a key, a certificate and the authorities that may vouch for clients");
  }
  checkTls(tls);
  const server = secureServer(tls, options.handshakeTimeoutMs ?? 5000);
  server.maxConnections = options.maxSockets ?? 1024;
  server.on("secureConnection", (socket: TLSSocket) => {
    // RFC 5746 stays indicated in the handshake; no session needs a second one.
    socket.disableRenegotiation();
    const problem = resumptionProblem(socket, current());
    if (problem !== undefined) {
      options.onRefused?.(socketPeer(socket), problem);
      socket.destroy();
      return;
    }
    options.onLink(new SocketLink(socket, url, options));
  });
  server.on("tlsClientError", (error: Error, socket: TLSSocket) => {
    const problem = certificateProblemOf(socket);
    const cause = problem === undefined ? error : new Error(`client certificate refused: ${problem}`, { cause: error });
    options.onRefused?.(socketPeer(socket), cause);
    socket.destroy();
  });
  return server;
}

/** Looked at here as well, because TLS holds a session that is resumed against no revocation list and no clock. */
function resumptionProblem(socket: TLSSocket, tls: TlsServerOptions | undefined): Error | undefined {
  const certificate = socket.getPeerX509Certificate();
  if (certificate === undefined) return undefined;
  if (socket.isSessionReused() && certificate.validToDate.getTime() <= Date.now()) {
    return new Error("client certificate refused: CERT_HAS_EXPIRED");
  }
  if (tls?.isRevoked === undefined) return undefined;
  try {
    return tls.isRevoked(certificate.raw) ? new Error("client certificate refused: it is revoked") : undefined;
  } catch (cause) {
    return new Error("client certificate refused: nobody could say whether it is revoked", { cause });
  }
}

function secureServer(tls: TlsServerOptions, handshakeTimeout: number): TlsServer {
  try {
    return createTlsServer({
      ...secureContextOptions(tls),
      allowHalfOpen: true,
      noDelay: true,
      handshakeTimeout,
      requestCert: tls.requestCert ?? true,
      rejectUnauthorized: tls.rejectUnauthorized ?? true,
    });
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new NoConnectionError(`the TLS key, certificate or authorities cannot be used: ${reason}`, { cause });
  }
}
