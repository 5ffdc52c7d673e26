import type { ModbusUrl } from "../url.ts";
import type { SocketWay } from "./direct.ts";
import type { LineOptions } from "./line-timing.ts";
import type { Link } from "./link.ts";
import { listenSocket } from "./listen-socket.ts";
import { listenUnix } from "./listen-unix.ts";
import { listenSerial } from "./serial-server.ts";
import { checkSocketOptions } from "./socket.ts";
import type { TlsServerOptions } from "./tls.ts";
import { listenUdp } from "./udp-server.ts";

export interface ListenLinkOptions {
  /** Needed for modbus+tls. */
  readonly tls?: TlsServerOptions;
  /** Sockets, or UDP peers, at one time, those in their handshake included; more are closed at once. Default 1024. */
  readonly maxSockets?: number;
  /** Milliseconds for a client's handshake; default 5000. */
  readonly handshakeTimeoutMs?: number;
  /** Shares the port with others that listen at it so; the system deals connections out. Not on every platform. */
  readonly reusePort?: boolean;
  /**
   * Milliseconds of silence after which TCP asks whether the peer is still there, in whole seconds; default 30,000, 0
   * for never.
   */
  readonly keepAliveMs?: number;
  /** How sockets are read and written; default `direct`. */
  readonly sockets?: SocketWay;
  /** Milliseconds after which a UDP peer that is silent is forgotten; default 60,000. */
  readonly udpIdleMs?: number;
  /** Who may connect to a Unix socket, as for chmod; default 0o600, this user only. */
  readonly mode?: number;
  /** For serial lines, and for serial framing over TCP. */
  readonly line?: LineOptions;
  /** A connection that is ready to be opened. A serial port is one, and another each time it has come back. */
  readonly onLink: (link: Link) => void;
  /** A handshake that failed. This is the only place where the reason is known: TLS sends none to the client. */
  readonly onRefused?: (peer: string, cause: Error) => void;
  /** Something is wrong with what listens at `place`, such as no file descriptor for one more socket; it goes on. */
  readonly onFault?: (place: string, cause: Error) => void;
}

/** A socket that listens, or a serial port that is kept open. */
export interface Listening {
  /** With the actual port. */
  readonly url: ModbusUrl;
  /** Takes new keys, authorities and revocation lists for handshakes from now on. */
  setTls(tls: TlsServerOptions): void;
  /** Accepts no more; open links stay open. */
  close(): Promise<void>;
}

/**
 * Listens at a URL of any scheme. Rejects with `ERR_MODBUS_NO_CONNECTION` when the address cannot be taken or the port
 * not opened, `ERR_MODBUS_NO_SERIALPORT` when the package for serial ports is not installed, and `ERR_MODBUS_BAD_VALUE`
 * for options out of range.
 */
export async function listenLink(url: ModbusUrl, options: ListenLinkOptions): Promise<Listening> {
  checkSocketOptions(options);
  switch (url.scheme) {
    case "udp":
      return listenUdp(url, options);
    case "unix":
      return listenUnix(url, options);
    case "rtu":
    case "ascii":
      return listenSerial(url, options);
    default:
      return listenSocket(url, options);
  }
}
