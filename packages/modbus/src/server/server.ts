import { hash } from "node:crypto";
import { checkUnit } from "../engine/engine.ts";
import { ClosedError } from "../errors.ts";
import { framingOf } from "../framing/framing.ts";
import type { ServerLine } from "../framing/line.ts";
import { lineTiming } from "../link/line-timing.ts";
import type { Link } from "../link/link.ts";
import { type Listening, listenLink } from "../link/listen.ts";
import type { TlsServerOptions } from "../link/tls.ts";
import type { TraceListener } from "../trace/event.ts";
import { TraceHub, type TraceOptions } from "../trace/hub.ts";
import { endpointOf, type ModbusUrl } from "../url.ts";
import { authorized } from "./authorize.ts";
import { compileHandler } from "./compile.ts";
import { ServerConnection } from "./connection.ts";
import type { Handler, RequestContext } from "./handler.ts";
import { observers } from "./line-observer.ts";
import type { AcceptOptions, ListenOptions, ModbusServer } from "./modbus-server.ts";
import { limitsOf, type ServerOptions, serialCodes, serialFunctionsOf } from "./options.ts";
import type { ConnectionOwner } from "./owner.ts";
import { isSerialPort, namedUnits, servedUnits } from "./served-units.ts";
import type { Station } from "./station.ts";
import { isStationCode, Stations } from "./stations.ts";

export type { AcceptOptions, ListenOptions, ModbusServer } from "./modbus-server.ts";

/** Makes a server; it listens nowhere yet. */
export function createServer(handler: Handler, options: ServerOptions = {}): ModbusServer {
  return new LinkServer(handler, options);
}

class LinkServer implements ModbusServer {
  readonly #handler: Handler;
  readonly #options: ServerOptions;
  readonly #stations: Stations = new Stations();
  /** What connections share, and what those of lines do. */
  readonly #owner: ConnectionOwner;
  readonly #lineOwner: ConnectionOwner;
  readonly #connections = new Set<ServerConnection>();
  /** Those whose place has been given away: they count no longer, though their sockets may take a moment to end. */
  readonly #displaced = new Set<ServerConnection>();
  readonly #listening: Listening[] = [];
  readonly #hub = new TraceHub("server");
  #timer: NodeJS.Timeout | undefined;
  #tls: TlsServerOptions | undefined;
  #closed = false;
  #allLeft: (() => void) | undefined;

  constructor(handler: Handler, options: ServerOptions) {
    this.#handler = handler;
    this.#options = options;
    this.#tls = options.tls;
    this.#owner = this.#ownerOf(handler, serialFunctionsOf(options), false);
    this.#lineOwner = this.#ownerOf(handler, serialCodes, true);
  }

  #ownerOf(handler: Handler, serial: readonly number[], line: boolean): ConnectionOwner {
    const { functions: served = [], diagnostics = "station", observer, onDropped, authorize } = this.#options;
    const stations = this.#stations;
    const counts = line || serial.some(isStationCode);
    const ownDiagnostics = diagnostics === "handler";
    const compiled = compileHandler(handler, { served, serial, stations, ownDiagnostics, line });
    const report = (error: unknown, context: RequestContext): void => this.#reportError(error, context);
    return {
      handler: authorize === undefined ? compiled : authorized(compiled, authorize, report),
      limits: limitsOf(this.#options),
      observer: counts ? observers(stations.observer(line), observer) : observer,
      stations: counts ? stations : undefined,
      now: () => performance.now(),
      reportError: report,
      reportDropped: (peer, reason, cause) => onDropped?.(peer, reason, cause),
      left: (connection) => this.#left(connection),
    };
  }

  station(unit: number): Station {
    checkUnit(unit);
    return this.#stations.at(unit);
  }

  trace(listener: TraceListener, options?: TraceOptions): Disposable {
    return this.#hub.add(listener, options);
  }

  get connections(): number {
    return this.#connections.size;
  }

  closeConnectionsOf(fingerprint: string): number {
    const wanted = fingerprint.replaceAll(":", "").toLowerCase();
    let closed = 0;
    for (const connection of this.#connections) {
      const { certificate } = connection;
      if (certificate === undefined || hash("sha256", certificate) !== wanted) continue;
      connection.drop("revoked");
      closed += 1;
    }
    return closed;
  }

  async listen(url: string | ModbusUrl, options: ListenOptions = {}): Promise<ModbusUrl> {
    this.#checkOpen();
    const target = endpointOf(url);
    const units = options.units ?? (target.unit === undefined ? undefined : [target.unit]);
    const accepting: AcceptOptions = units === undefined ? {} : { units };
    // What is wrong with them has to come up before a port is taken.
    if (framingOf(target.scheme) !== "mbap") servedUnits(target.scheme, units, this.#handler);
    const listening = await listenLink(target, {
      ...options,
      ...(this.#tls === undefined ? {} : { tls: this.#tls }),
      // Handshakes are bounded on their own; what is over the limit is judged when the link is there.
      maxSockets: 2 * this.#owner.limits.connections + 16,
      onLink: (link) => this.accept(link, accepting),
      onRefused: (peer, cause) => this.#options.onDropped?.(peer, "tls", cause),
      onFault: (place, cause) => this.#options.onDropped?.(place, "listener", cause),
    });
    if (this.#closed) await listening.close();
    this.#checkOpen();
    this.#listening.push(listening);
    return listening.url;
  }

  #checkOpen(): void {
    if (this.#closed) throw new ClosedError("the server is closed and listens nowhere any more: make another one");
  }

  accept(link: Link, options: AcceptOptions = {}): void {
    const line = this.#lineOf(link, options);
    if (this.#closed || !this.#makeRoom(link)) {
      link.open({
        received: () => undefined,
        finished: () => undefined,
        drained: () => undefined,
        closed: () => undefined,
      });
      link.destroy();
      return;
    }
    const tapped = this.#hub.tapped(link, line);
    const connection = new ServerConnection(tapped, line, line === undefined ? this.#owner : this.#lineOwner);
    this.#connections.add(connection);
    connection.open();
    this.#timer ??= setInterval(this.#tick, this.#tickMs()).unref();
  }

  #lineOf(link: Link, options: AcceptOptions): ServerLine | undefined {
    const { framing = framingOf(link.transport), units } = options;
    if (framing === "mbap") return undefined;
    const serves = servedUnits(link.transport, units, this.#handler);
    // They count from the beginning what they hear on their line.
    for (const unit of namedUnits(units, this.#handler) ?? []) this.#stations.at(unit);
    return {
      framing,
      timing: link.line ?? lineTiming(framing, undefined, options.line),
      serves,
      shared: isSerialPort(link.transport),
      functions: (this.#options.functions ?? []).map(({ definition }) => definition),
      observer: this.#lineOwner.observer,
    };
  }

  setTls(tls: TlsServerOptions): void {
    this.#tls = tls;
    for (const listening of this.#listening) if (listening.url.scheme === "tls") listening.setTls(tls);
  }

  async close(): Promise<void> {
    this.#closed = true;
    await Promise.all(this.#listening.map((listening) => listening.close()));
    if (this.#connections.size + this.#displaced.size === 0) return;
    const { promise, resolve } = Promise.withResolvers<void>();
    const before = this.#allLeft;
    this.#allLeft = () => {
      before?.();
      resolve();
    };
    for (const connection of this.#connections) connection.close();
    await promise;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  /** MODBUS Messaging on TCP/IP V1.0b § 4.2.1.2: the oldest unused connection makes room for a new one. */
  #makeRoom(link: Link): boolean {
    if (this.#connections.size < this.#owner.limits.connections) return true;
    let oldest: ServerConnection | undefined;
    for (const connection of this.#connections) {
      if (!connection.idle) continue;
      if (oldest === undefined || connection.lastActivity < oldest.lastActivity) oldest = connection;
    }
    if (oldest === undefined) {
      this.#owner.reportDropped(link.peer, "too-many-connections", undefined);
      return false;
    }
    this.#connections.delete(oldest);
    this.#displaced.add(oldest);
    oldest.drop("displaced");
    return true;
  }

  #left(connection: ServerConnection): void {
    this.#connections.delete(connection);
    this.#displaced.delete(connection);
    if (this.#connections.size > 0) return;
    clearInterval(this.#timer);
    this.#timer = undefined;
    if (this.#displaced.size === 0) this.#allLeft?.();
  }

  #reportError(error: unknown, context: RequestContext): void {
    if (this.#options.onError !== undefined) this.#options.onError(error, context);
    else process.emitWarning(error instanceof Error ? error : new Error(String(error)));
  }

  /** Time limits are kept to a tenth, checked at most 100 times and at least once a second. */
  #tickMs(): number {
    const { frameTimeoutMs, idleTimeoutMs, stallTimeoutMs } = this.#owner.limits;
    const shortest = Math.min(
      frameTimeoutMs,
      stallTimeoutMs,
      idleTimeoutMs > 0 ? idleTimeoutMs : Number.POSITIVE_INFINITY,
    );
    return Math.min(1000, Math.max(10, Math.ceil(shortest / 10)));
  }

  readonly #tick = (): void => {
    const now = this.#owner.now();
    for (const connection of this.#connections) connection.check(now);
  };
}
