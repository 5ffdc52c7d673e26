import type { Framing } from "../framing/framing.ts";
import type { SocketWay } from "../link/direct.ts";
import type { LineOptions } from "../link/line-timing.ts";
import type { Link } from "../link/link.ts";
import type { TlsServerOptions } from "../link/tls.ts";
import type { TraceListener } from "../trace/event.ts";
import type { TraceOptions } from "../trace/hub.ts";
import type { ModbusUrl } from "../url.ts";
import type { Station } from "./station.ts";

export interface ListenOptions {
  /**
   * Lets several servers listen at one port, each in a thread or process of its own; the system deals connections out
   * among them. Rejects with `ERR_MODBUS_NO_CONNECTION` where the system cannot (Linux and FreeBSD can).
   */
  readonly reusePort?: boolean;
  /** Milliseconds of silence after which TCP asks whether a client is still there; default 30,000, 0 for never. */
  readonly keepAliveMs?: number;
  /** How sockets are read and written; default `direct`. */
  readonly sockets?: SocketWay;
  /** Milliseconds after which a UDP client that is silent is forgotten; default 60,000. */
  readonly udpIdleMs?: number;
  /** Who may connect to a Unix socket, as for chmod; default 0o600, this user only. */
  readonly mode?: number;
  /**
   * The units that are answered with serial framing; what others are asked is heard only. Default is the URL's `unit`,
   * else the units of `routeUnits`, else over a network every unit; on a serial port one of them has to be there.
   */
  readonly units?: readonly number[];
  /** Timing of a serial line, and of serial framing over TCP. */
  readonly line?: LineOptions;
}

export interface AcceptOptions {
  /** Default is what the transport of the link says. */
  readonly framing?: Framing;
  /** As for `listen`. */
  readonly units?: readonly number[];
  /** Timing of a line, where the link does not know it. */
  readonly line?: LineOptions;
}

/** Answers Modbus requests on any number of listeners and links. */
export interface ModbusServer extends AsyncDisposable {
  /**
   * Listens at a URL of any scheme and resolves to it with the actual port (0 picks a free one). A serial port that is
   * lost is opened again when it comes back.
   * Rejects with `ERR_MODBUS_BAD_URL`, `ERR_MODBUS_NO_CONNECTION` when the address cannot be taken or the serial port
   * not opened, `ERR_MODBUS_NO_SERIALPORT` when the package for serial ports is not installed,
   * `ERR_MODBUS_BAD_VALUE` for options out of range, and `ERR_MODBUS_CLOSED` after `close`.
   */
  listen(url: string | ModbusUrl, options?: ListenOptions): Promise<ModbusUrl>;
  /**
   * Serves a link that is connected already, such as the server's end of `createMemoryLink`.
   * Throws `ERR_MODBUS_BAD_VALUE` for options out of range, and for a serial port whose units nobody names.
   */
  accept(link: Link, options?: AcceptOptions): void;
  /** Takes new keys, authorities and revocation lists for handshakes from now on; open connections stay. */
  setTls(tls: TlsServerOptions): void;
  readonly connections: number;
  /**
   * Ends every connection of a client's certificate, however it came about, and returns how many they were: a
   * certificate that is good no more is not asked for again while its connection is open. `fingerprint` is the SHA-256
   * of the certificate in hex, with or without colons, as `X509Certificate.fingerprint256` has it.
   */
  closeConnectionsOf(fingerprint: string): number;
  /** Shows what goes over its connections, frame by frame, until what is returned is disposed. */
  trace(listener: TraceListener, options?: TraceOptions): Disposable;
  /**
   * A unit's diagnostic counters, event log and mode. They count on lines, and elsewhere when `serialFunctions` has
   * one of functions 8, 11 and 12.
   */
  station(unit: number): Station;
  /** Stops listening, ends every connection and resolves when all have ended. */
  close(): Promise<void>;
}
