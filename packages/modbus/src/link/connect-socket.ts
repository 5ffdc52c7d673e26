import { connect as connectTcp, isIP, type Socket } from "node:net";
import { checkServerIdentity, connect as connectTls, type TLSSocket } from "node:tls";
import { NoConnectionError, RefusedError } from "../errors.ts";
import { type ModbusUrl, placeOf } from "../url.ts";
import { attempt, reasonOf } from "./attempt.ts";
import type { ConnectLinkOptions } from "./connect.ts";
import { lineTimingOf } from "./line-timing.ts";
import type { Link } from "./link.ts";
import { paced } from "./paced.ts";
import { SocketLink } from "./socket.ts";
import { secureContextOptions, type TlsClientOptions } from "./tls.ts";
import { SessionKeeper } from "./tls-sessions.ts";

/** Connects over TCP, TLS or a Unix socket, whatever framing runs over it. */
export function connectSocket(url: ModbusUrl, options: ConnectLinkOptions): Promise<Link> {
  const where = placeOf(url);
  const line = lineTimingOf(url, options.line);
  return attempt(where, options, ({ done, failed }) => {
    const { socket, settled, certificate } = startSocket(url, options.tls, where);
    let reached = false;
    const refused = (cause: Error): RefusedError =>
      new RefusedError(`TLS with ${where} failed: ${reasonOf(cause)}`, { cause });
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
      const problem = problemIn(settled);
      if (problem !== undefined) {
        failed(refused(problem));
        return;
      }
      done(paced(new SocketLink(socket, url, options, certificate?.()), line));
    };
    const onError = (cause: Error): void =>
      failed(
        reached ? refused(cause) : new NoConnectionError(`cannot connect to ${where}: ${reasonOf(cause)}`, { cause }),
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

/** What the caller's own check throws refuses the server as well. */
function problemIn(settled: (() => Error | undefined) | undefined): Error | undefined {
  try {
    return settled?.();
  } catch (error) {
    return error instanceof Error ? error : new Error(String(error));
  }
}

interface Started {
  readonly socket: Socket;
  /** Called when the handshake is over; returns why the peer is refused all the same. */
  readonly settled?: () => Error | undefined;
  /** DER of the peer's certificate, from then on. */
  readonly certificate?: () => Uint8Array | undefined;
}

function startSocket(url: ModbusUrl, tls: TlsClientOptions | undefined, where: string): Started {
  if (url.scheme === "tls") return startTls(url, tls, where);
  if (url.path !== undefined) return { socket: connectTcp({ path: url.path }) };
  return { socket: connectTcp({ host: url.host, port: url.port }) };
}

function startTls(url: ModbusUrl, tls: TlsClientOptions | undefined, where: string): Started {
  if (tls === undefined) {
    throw new NoConnectionError(
      `cannot connect to ${where}: modbus+tls needs a key, a certificate and the authorities to trust`,
    );
  }
  const { serverName, checkServer, maxSendFragment } = tls;
  // RFC 6066 § 3: the name sent to the server is never an IP address.
  const name = serverName ?? url.host;
  const keeper = new SessionKeeper(tls, `${where} ${name}`);
  const socket = begun(where, () =>
    connectTls({
      ...secureContextOptions(tls),
      host: url.host,
      port: url.port,
      ...(isIP(name) === 0 ? { servername: name } : {}),
      ...(keeper.session === undefined ? {} : { session: keeper.session }),
      checkServerIdentity: (host, certificate) =>
        checkServer === undefined
          ? checkServerIdentity(serverName ?? host, certificate)
          : checkServer(name, certificate),
    }),
  );
  keeper.watch(socket);
  return {
    socket,
    certificate: () => keeper.certificate,
    settled() {
      const problem = keeper.resumedProblem(socket, name);
      if (problem !== undefined) keeper.forget();
      else if (maxSendFragment !== undefined) socket.setMaxSendFragment(maxSendFragment);
      return problem;
    },
  };
}

function begun(where: string, begin: () => TLSSocket): TLSSocket {
  try {
    return begin();
  } catch (cause) {
    throw new NoConnectionError(
      `cannot connect to ${where}: the TLS key or certificate cannot be used: ${reasonOf(cause)}`,
      { cause },
    );
  }
}
