import { connect as connectTcp, isIP, type Socket } from "node:net";
import { connect as connectTls, type TLSSocket } from "node:tls";
import { NoConnectionError, RefusedError } from "../errors.ts";
import { type ModbusUrl, placeOf } from "../url.ts";
import { attempt, reasonOf } from "./attempt.ts";
import type { ConnectLinkOptions } from "./connect.ts";
import { lineTimingOf } from "./line-timing.ts";
import type { Link } from "./link.ts";
import { paced } from "./paced.ts";
import { SocketLink } from "./socket.ts";
import { secureContextOptions, type TlsClientOptions } from "./tls.ts";

/** Connects over TCP, TLS or a Unix socket, whatever framing runs over it. */
export function connectSocket(url: ModbusUrl, options: ConnectLinkOptions): Promise<Link> {
  const where = placeOf(url);
  const line = lineTimingOf(url, options.line);
  return attempt(where, options, ({ done, failed }) => {
    const socket = startSocket(url, options.tls, where);
    let reached = false;
    const settle = (): void => {
      socket.off("connect", onReached);
      socket.off("error", onError);
      socket.off("secureConnect", onReady);
      socket.off("connect", onReady);
    };
    const onReached = (): void => {
      reached = true;
    };
    const onReady = (): void => {
      settle();
      done(paced(new SocketLink(socket, url, options), line));
    };
    const onError = (cause: Error): void =>
      failed(
        reached
          ? new RefusedError(`TLS with ${where} failed: ${reasonOf(cause)}`, { cause })
          : new NoConnectionError(`cannot connect to ${where}: ${reasonOf(cause)}`, { cause }),
      );
    socket.on("error", onError);
    if (url.scheme === "tls") {
      socket.on("connect", onReached);
      socket.on("secureConnect", onReady);
    } else {
      socket.on("connect", onReady);
    }
    return () => {
      settle();
      // A destroyed socket may still report what it was doing; the caller has its answer already.
      socket.on("error", () => undefined);
      socket.destroy();
    };
  });
}

function startSocket(url: ModbusUrl, tls: TlsClientOptions | undefined, where: string): Socket {
  if (url.scheme === "tls") return startTls(url, tls, where);
  if (url.path !== undefined) return connectTcp({ path: url.path });
  return connectTcp({ host: url.host, port: url.port });
}

function startTls(url: ModbusUrl, tls: TlsClientOptions | undefined, where: string): TLSSocket {
  if (tls === undefined) {
    throw new NoConnectionError(
      `cannot connect to ${where}: modbus+tls needs a key, a certificate and the authorities to trust`,
    );
  }
  const { serverName, checkServer } = tls;
  // RFC 6066 § 3: the name sent to the server is never an IP address.
  const name = serverName ?? url.host;
  try {
    return connectTls({
      ...secureContextOptions(tls),
      host: url.host,
      port: url.port,
      ...(isIP(name) === 0 ? { servername: name } : {}),
      ...(checkServer === undefined
        ? {}
        : { checkServerIdentity: (_host: string, certificate) => checkServer(name, certificate) }),
    });
  } catch (cause) {
    throw new NoConnectionError(
      `cannot connect to ${where}: the TLS key or certificate cannot be used: ${reasonOf(cause)}`,
      { cause },
    );
  }
}
