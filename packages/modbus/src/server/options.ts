import { ModbusError } from "@modwarden/protocol";
import type { TlsServerOptions } from "../link/tls.ts";
import type { Authorize } from "./authorize.ts";
import type { RequestContext } from "./handler.ts";
import type { LineObserver } from "./line-observer.ts";
import type { ServedFunction } from "./serve-function.ts";

/** Why a server ended a connection, or never opened it. */
export type DropReason =
  /** TLS failed; `cause` says why, which the client is never told. */
  | "tls"
  /** A socket that listens could not accept, or a serial port not be opened again; it is tried again. */
  | "listener"
  /** `connections` are open and none of them is idle. */
  | "too-many-connections"
  /** A new connection took the place of this one, the longest idle. */
  | "displaced"
  /** Wrong protocol id or length: the stream cannot be trusted any more. */
  | "bad-frame"
  /** A frame was begun and not completed in time. */
  | "frame-timeout"
  | "idle"
  /** The client does not read its answers. */
  | "stalled"
  /** `closeConnectionsOf` was told its certificate. */
  | "revoked";

export interface ServerOptions {
  /** Needed to listen at modbus+tls. */
  readonly tls?: TlsServerOptions;
  /**
   * Asked before each request is carried out, by its client's role and whatever else is known of it; without it every
   * request is. Who is refused gets exception 01. What is not well-formed is answered before (01, 03 or 02).
   */
  readonly authorize?: Authorize;
  /**
   * Connections at one time; default 256. One more takes the place of the one that has been idle for longest
   * (MODBUS Messaging on TCP/IP V1.0b § 4.2.1.2), or is closed at once when every one has a request open.
   */
  readonly connections?: number;
  /** Requests of one connection that may be open in the handler; default 16. One more is answered 06, busy. */
  readonly outstanding?: number;
  /** `ordered` (default): answers in the order of the requests. `ready`: as the handler gives them. */
  readonly replies?: "ordered" | "ready";
  /** Milliseconds for a frame from its first byte to its last; default 3000. */
  readonly frameTimeoutMs?: number;
  /** Milliseconds without a byte from the client and without an open request; default 0: for ever. */
  readonly idleTimeoutMs?: number;
  /** Milliseconds for a client to read its answers once they no longer fit its buffer; default 30,000. */
  readonly stallTimeoutMs?: number;
  /** Functions of one's own, made with `serveFunction`. They come before a handler's `user-defined`. */
  readonly functions?: readonly ServedFunction[];
  /**
   * Answers functions 7, 8, 11, 12 and 17, or those of them that are named, also where they are not at home: the
   * specification has them for serial lines only, and elsewhere they are answered 01. On lines they are always on.
   * MODBUS Application Protocol V1.1b3 § 6.7 to § 6.10, § 6.13
   */
  readonly serialFunctions?: boolean | readonly (7 | 8 | 11 | 12 | 17)[];
  /**
   * Who answers functions 8, 11 and 12 of a handler that is a function: `station` (default), as `station(unit)` has
   * counted, or the `handler`. A handler object answers those for which it has methods.
   */
  readonly diagnostics?: "station" | "handler";
  /** Hears what happens on every connection, such as the counters of function 8 do. */
  readonly observer?: LineObserver;
  /** What a handler threw other than `ServerException`; the client got 04. Default: a process warning. */
  readonly onError?: (error: unknown, context: RequestContext) => void;
  /**
   * A connection that the server ended or refused; for `listener` the place that it listens at. Not called for clients
   * that leave.
   */
  readonly onDropped?: (peer: string, reason: DropReason, cause: Error | undefined) => void;
}

/** The options with every default filled in. */
export interface Limits {
  readonly connections: number;
  readonly outstanding: number;
  readonly ordered: boolean;
  readonly frameTimeoutMs: number;
  readonly idleTimeoutMs: number;
  readonly stallTimeoutMs: number;
}

export function limitsOf(options: ServerOptions): Limits {
  return {
    connections: atLeast("connections", options.connections ?? 256, 1),
    outstanding: atLeast("outstanding", options.outstanding ?? 16, 1),
    ordered: (options.replies ?? "ordered") === "ordered",
    frameTimeoutMs: atLeast("frameTimeoutMs", options.frameTimeoutMs ?? 3000, 1),
    idleTimeoutMs: atLeast("idleTimeoutMs", options.idleTimeoutMs ?? 0, 0),
    stallTimeoutMs: atLeast("stallTimeoutMs", options.stallTimeoutMs ?? 30_000, 1),
  };
}

/** Titled "serial line only". MODBUS Application Protocol V1.1b3 § 6.7 to § 6.10, § 6.13 */
export const serialCodes: readonly number[] = [7, 8, 11, 12, 17];

/** The serial functions that are answered elsewhere than on lines. */
export function serialFunctionsOf({ serialFunctions = false }: ServerOptions): readonly number[] {
  if (typeof serialFunctions === "boolean") return serialFunctions ? serialCodes : [];
  for (const code of serialFunctions) {
    if (serialCodes.includes(code)) continue;
    throw new ModbusError("ERR_MODBUS_BAD_VALUE", `function ${code} is none of the serial ones, ${serialCodes}`);
  }
  return serialFunctions;
}

function atLeast(name: string, value: number, least: number): number {
  if (Number.isFinite(value) && value >= least) return value;
  throw new ModbusError("ERR_MODBUS_BAD_VALUE", `${name} has to be at least ${least}, not ${value}`);
}
