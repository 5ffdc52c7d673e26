import { connect as connectTcp, isIP, type Socket } from "node:net";
import { connect as connectTls, type TLSSocket } from "node:tls";
import type { ModbusError } from "@modwarden/protocol";
import { AbortedError, BadUrlError, NoConnectionError, RefusedError } from "../errors.ts";
import type { ModbusUrl } from "../url.ts";
import type { Link } from "./link.ts";
import { SocketLink } from "./socket.ts";
import { secureContextOptions, type TlsClientOptions } from "./tls.ts";

export interface ConnectLinkOptions {
  /** Milliseconds for name, TCP and TLS together; default 5000. */
  readonly connectTimeoutMs?: number;
  readonly signal?: AbortSignal;
  /** Needed for modbus+tls. */
  readonly tls?: TlsClientOptions;
}

/**
 * Opens a connection. Rejects with `ERR_MODBUS_NO_CONNECTION` when the peer cannot be reached in time,
 * `ERR_MODBUS_REFUSED` when it was reached and TLS failed, `ERR_MODBUS_ABORTED`, `ERR_MODBUS_BAD_URL`.
 * Over TLS the link is open as soon as this side has finished the handshake; with TLS 1.3 the server may still refuse
 * the client's certificate, which then shows as the end of the link before its first byte.
 */
export function connectLink(url: ModbusUrl, options: ConnectLinkOptions = {}): Promise<Link> {
  const { signal, connectTimeoutMs = 5000 } = options;
  const where = `${url.host.includes(":") ? `[${url.host}]` : url.host}:${url.port}`;
  return new Promise((resolve, reject) => {
    if (signal?.aborted) throw new AbortedError(`connecting to ${where} was aborted`, { cause: signal.reason });
    const socket = startSocket(url, options, where);
    let reached = false;
    const settle = (): void => {
      clearTimeout(timer);
      signal?.removeEventListener("abort", onAbort);
      socket.off("connect", onReached);
      socket.off("error", onError);
      socket.off("secureConnect", onReady);
      socket.off("connect", onReady);
    };
    const fail = (error: ModbusError): void => {
      settle();
      // A destroyed socket may still report what it was doing; the caller has its answer already.
      socket.on("error", () => undefined);
      socket.destroy();
      reject(error);
    };
    const onReached = (): void => {
      reached = true;
    };
    const onReady = (): void => {
      settle();
      resolve(new SocketLink(socket));
    };
    const onError = (cause: Error): void =>
      fail(
        reached
          ? new RefusedError(`TLS with ${where} failed: ${reasonOf(cause)}`, { cause })
          : new NoConnectionError(`cannot connect to ${where}: ${reasonOf(cause)}`, { cause }),
      );
    const onAbort = (): void => fail(new AbortedError(`connecting to ${where} was aborted`, { cause: signal?.reason }));
    const timer = setTimeout(
      () => fail(new NoConnectionError(`cannot connect to ${where}: no answer within ${connectTimeoutMs} ms`)),
      connectTimeoutMs,
    );
    signal?.addEventListener("abort", onAbort, { once: true });
    socket.on("error", onError);
    if (url.scheme === "tls") {
      socket.on("connect", onReached);
      socket.on("secureConnect", onReady);
    } else {
      socket.on("connect", onReady);
    }
  });
}

function startSocket(url: ModbusUrl, options: ConnectLinkOptions, where: string): Socket {
  if (url.scheme === "tcp") return connectTcp({ host: url.host, port: url.port });
  if (url.scheme === "tls") return startTls(url, options.tls, where);
  throw new BadUrlError(`modbus+${url.scheme} is not spoken yet; this version connects over modbus+tcp and modbus+tls`);
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
      {
        cause,
      },
    );
  }
}

/** Node tries every address of a name and then throws all errors as one. */
function reasonOf(error: unknown): string {
  if (error instanceof AggregateError && error.errors.length > 0) return reasonOf(error.errors[0]);
  return error instanceof Error ? error.message : String(error);
}
