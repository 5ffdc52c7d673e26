import type { Socket } from "node:net";
import { createServer, type SecureContextOptions, type TLSSocket, type Server as TlsServer } from "node:tls";
import { certificateProblemOf, secureContextOptions } from "@modwarden/modbus";
import type { TlsConfiguration } from "./configuration.ts";

export interface TlsDoorListener {
  /** The client has shown its certificate (DER); `below` is the connection that TLS runs over. */
  opened(socket: TLSSocket, below: Socket, certificate: Uint8Array): void;
  refused(below: Socket, reason: string): void;
}

export interface TlsDoor {
  /** A connection that was accepted: TLS begins on it. */
  welcome(below: Socket): void;
  /** The certificate and the revocation lists for connections from now on; sessions from before are not resumed. */
  renew(tls: TlsConfiguration): void;
}

/**
 * Mutual TLS over connections that were accepted and counted already: whoever has no certificate of this site's
 * authority does not get in. Session tickets are under random keys of this process, and who resumes is looked up in the
 * registry like anybody else.
 */
export function createTlsDoor(tls: TlsConfiguration, handshakeTimeoutMs: number, listener: TlsDoorListener): TlsDoor {
  const server: TlsServer = createServer({
    ...contextOf(tls),
    requestCert: true,
    rejectUnauthorized: true,
    handshakeTimeout: handshakeTimeoutMs,
    allowHalfOpen: true,
  });
  server.on("tlsClientError", (error, socket) => {
    const below = belowOf(socket);
    listener.refused(below, handshakeReason(error, socket));
    below.destroy();
    socket.destroy();
  });
  server.on("secureConnection", (socket) => {
    const below = belowOf(socket);
    const certificate = socket.getPeerX509Certificate()?.raw;
    if (certificate === undefined) {
      listener.refused(below, "the client's certificate cannot be read");
      socket.destroy();
      return;
    }
    // renegotiation is not offered after the handshake.
    socket.disableRenegotiation();
    listener.opened(socket, below, certificate);
  });
  return {
    welcome(below) {
      server.emit("connection", below);
    },
    renew: (next) => server.setSecureContext(contextOf(next)),
  };
}

/** The suites and versions are the library's: what it holds to, this door does. */
function contextOf({ key, certificate, authorities, crls, suites }: TlsConfiguration): SecureContextOptions {
  return secureContextOptions({
    key,
    cert: certificate,
    ca: authorities,
    ...(crls === undefined || crls.length === 0 ? {} : { crl: crls }),
    ...(suites === undefined ? {} : { suites }),
  });
}

/**
 * A TLS socket that failed has forgotten its peer's address; the connection below it has not. Node has no public name
 * for it.
 */
function belowOf(socket: TLSSocket): Socket {
  const { _parent: below } = socket as { readonly _parent?: Socket };
  return below ?? socket;
}

/** Without it the record would have no reason. */
function handshakeReason(error: Error, socket: TLSSocket): string {
  const problem = certificateProblemOf(socket);
  if (problem !== undefined) return problem;
  // OpenSSL's own words, without the place in its sources that the message carries as well.
  return "reason" in error && typeof error.reason === "string" ? error.reason : error.message.trim();
}
