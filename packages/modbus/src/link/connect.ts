import type { ModbusUrl } from "../url.ts";
import { checkAttempt } from "./attempt.ts";
import { connectSocket } from "./connect-socket.ts";
import type { SocketWay } from "./direct.ts";
import { type LineOptions, lineTimingOf } from "./line-timing.ts";
import type { Link } from "./link.ts";
import { openSerial } from "./serial.ts";
import { checkSocketOptions } from "./socket.ts";
import { checkTlsClient, type TlsClientOptions } from "./tls.ts";
import { connectUdp } from "./udp-client.ts";

export interface ConnectLinkOptions {
  /** Milliseconds for name, TCP and TLS together, or for opening a serial port; default 5000. */
  readonly connectTimeoutMs?: number;
  readonly signal?: AbortSignal;
  /** Needed for modbus+tls. */
  readonly tls?: TlsClientOptions;
  /**
   * Milliseconds of silence after which TCP asks whether the peer is still there, in whole seconds; default 30,000, 0
   * for never.
   */
  readonly keepAliveMs?: number;
  /** How sockets are read and written; default `direct`. */
  readonly sockets?: SocketWay;
  /** For serial lines, and for serial framing over TCP. */
  readonly line?: LineOptions;
}

/** Whether a connection can be attempted with these. Throws `ERR_MODBUS_BAD_VALUE`. */
export function checkLinkOptions(url: ModbusUrl, options: ConnectLinkOptions): void {
  checkAttempt(options);
  checkSocketOptions(options);
  lineTimingOf(url, options.line);
  if (url.scheme === "tls" && options.tls !== undefined) checkTlsClient(options.tls);
}

/**
 * Opens a connection. Rejects with `ERR_MODBUS_NO_CONNECTION` when the peer cannot be reached in time,
 * `ERR_MODBUS_REFUSED` when it was reached and TLS failed, `ERR_MODBUS_NO_SERIALPORT` when the package for serial ports
 * is not installed, `ERR_MODBUS_ABORTED`, `ERR_MODBUS_BAD_URL`, and `ERR_MODBUS_BAD_VALUE` for options out of range.
 * Over TLS the link is open as soon as this side has finished the handshake; with TLS 1.3 the server may still refuse
 * the client's certificate, which then shows as the end of the link before its first byte. Only a first answer shows that
 * the server has let this client in. Over UDP nothing is asked
 * of the peer before the first request.
 */
export async function connectLink(url: ModbusUrl, options: ConnectLinkOptions = {}): Promise<Link> {
  checkLinkOptions(url, options);
  switch (url.scheme) {
    case "udp":
      return connectUdp(url, options);
    case "rtu":
    case "ascii":
      return openSerial(url, options);
    default:
      return connectSocket(url, options);
  }
}
