import type { UserCodec, UserFunction } from "@modwarden/protocol";
import { checkUnit } from "../engine/engine.ts";
import { type Framing, framingOf } from "../framing/framing.ts";
import { type LineOptions, lineTiming } from "../link/line-timing.ts";
import type { Link } from "../link/link.ts";
import type { TraceListener } from "../trace/event.ts";
import { TraceHub } from "../trace/hub.ts";
import { checkClientOptions } from "./check-options.ts";
import { Exchange } from "./exchange.ts";
import { PduSender } from "./pdu-sender.ts";
import type { RequestOptions, Sender, UnitRequestOptions } from "./sender.ts";
import { type ClientState, StateCell, type StateListener } from "./state.ts";
import { UnitRequests } from "./unit-requests.ts";

/** A `UserFunction`, whatever it means. */
export interface MeasuredFunction {
  readonly functionCode: number;
  readonly request: Pick<UserCodec<never>, "length">;
  readonly response: Pick<UserCodec<never>, "length">;
}

export interface ClientOptions {
  /** Milliseconds between sending a request and its answer; default 1000. Waiting for its turn does not count. */
  readonly timeoutMs?: number;
  /** Requests open on the wire at one time, 1 to 1024; default 1, because many devices take no more. */
  readonly outstanding?: number;
  /** Requests that may wait for their turn; default 1024. One more is rejected with `ERR_MODBUS_QUEUE_FULL`. */
  readonly queue?: number;
  /** The unit of requests that name none; default is the URL's, else 1. */
  readonly unit?: number;
  /** Takes answers that name another unit than the request, as some devices do. Default false. */
  readonly anyUnit?: boolean;
  /**
   * Takes answers with another transaction id than the request's, as some devices give that always answer 0. Only with
   * `outstanding` 1; a time-out or an abort then ends the connection, because a late answer could not be told from the
   * next one. Default false.
   */
  readonly anyTransaction?: boolean;
  /**
   * `one` (default): each request is a write of its own, because many devices read only the first of a segment
   * (MODBUS Messaging on TCP/IP V1.0b § 4.4.2). `several`: those started in one turn of the event loop share one.
   */
  readonly adusPerWrite?: "one" | "several";
  /**
   * How often in a row requests may time out without a single byte from the peer, until the connection is taken for
   * dead and ends with `ERR_MODBUS_CLOSED`; 0 is for ever. Default is 3 for a client that reconnects, though not over
   * UDP and on serial ports, which have no connection; else 0, because behind a gateway it may be one unit that is silent.
   */
  readonly silentLimit?: number;
  /** How requests are wrapped; default is what the link's transport says. */
  readonly framing?: Framing;
  /** Timing of a line, where the link does not know it. */
  readonly line?: LineOptions;
  /**
   * Functions that `defineFunction` has given a meaning. With serial framing they are recognised as soon as they are
   * complete when they tell their length; silence ends the answers of all others.
   */
  readonly functions?: readonly MeasuredFunction[];
}

/** The same methods with the unit fixed. Views are cheap and share nothing that changes. */
export type UnitView = UnitRequests<UnitRequestOptions>;

/**
 * One connection to a Modbus server, or with `reconnect` one after the other. When it has ended for good, every
 * request rejects.
 */
export interface Client extends UnitRequests<RequestOptions>, AsyncDisposable {
  readonly state: ClientState;
  /** The server's address and port. */
  readonly peer: string;
  /** DER of the server's certificate, over TLS. */
  readonly certificate: Uint8Array | undefined;
  /** Resolves when the client has ended for good, for whatever reason. Never rejects. */
  readonly closed: Promise<void>;
  /** Answers that nobody waited for: late ones, and ones to no request. */
  readonly discarded: number;
  /** Calls `listener` at every change from now on, at last with `closed`. Returns what takes it away again. */
  onState(listener: StateListener): () => void;
  unit(unit: number): UnitView;
  /** Shows what goes over the wire, frame by frame, until what is returned is disposed. */
  trace(listener: TraceListener): Disposable;
  /** Ends the connection, also one that is only being made. Requests without an answer reject with `ERR_MODBUS_CLOSED`. */
  close(): Promise<void>;
}

/** Speaks Modbus as a client over a link that is connected. */
export function createClient(link: Link, options: ClientOptions = {}): Client {
  return new LinkClient(link, options, new TraceHub("client"));
}

/** The same for a link that nobody else will close: options that cannot be used close it. `hub` is who watches it. */
export function clientOn(link: Link, options: ClientOptions, hub: TraceHub = new TraceHub("client")): LinkClient {
  try {
    return new LinkClient(link, options, hub);
  } catch (error) {
    link.destroy();
    throw error;
  }
}

export class LinkClient extends UnitRequests<RequestOptions> implements Client {
  readonly peer: string;
  readonly certificate: Uint8Array | undefined;
  readonly #exchange: Exchange;
  readonly #cell: StateCell = new StateCell("connected");
  readonly #hub: TraceHub;

  constructor(link: Link, options: ClientOptions, hub: TraceHub) {
    const {
      timeoutMs = 1000,
      outstanding = 1,
      queue = 1024,
      unit = 1,
      anyUnit = false,
      anyTransaction = false,
    } = options;
    checkClientOptions(options);
    const framing = options.framing ?? framingOf(link.transport);
    const line = framing === "mbap" ? undefined : (link.line ?? lineTiming(framing, undefined, options.line));
    // Only their lengths are asked for.
    const functions = options.functions as readonly UserFunction<unknown, unknown>[] | undefined;
    const gather = options.adusPerWrite === "several";
    const traced = framing === "mbap" || line === undefined ? undefined : { framing, timing: line, functions };
    const tapped = hub.tapped(link, traced);
    const limits = { timeoutMs, outstanding, queue };
    const silentLimit = options.silentLimit ?? 0;
    const exchange = new Exchange(tapped, { framing, line, functions, ...limits, anyTransaction, gather, silentLimit });
    super(new PduSender(exchange, unit, anyUnit, framing !== "mbap"));
    this.peer = link.peer;
    this.certificate = link.certificate;
    this.#exchange = exchange;
    this.#hub = hub;
    exchange.onEnd((cause) => this.#cell.move("closed", cause));
  }

  get state(): ClientState {
    return this.#cell.state;
  }

  onState(listener: StateListener): () => void {
    return this.#cell.listen(listener);
  }

  /** What its requests go out by. */
  get requests(): Sender<RequestOptions> {
    return this.sender;
  }

  trace(listener: TraceListener): Disposable {
    return this.#hub.add(listener);
  }

  get closed(): Promise<void> {
    return this.#exchange.closed;
  }

  get discarded(): number {
    return this.#exchange.discarded;
  }

  unit(unit: number): UnitView {
    return viewOf(this.sender, unit);
  }

  close(): Promise<void> {
    return this.#exchange.close();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }
}

/** A view of a client with the unit fixed. */
export function viewOf(sender: Sender<RequestOptions>, unit: number): UnitView {
  checkUnit(unit);
  return new UnitRequests<UnitRequestOptions>({
    ask: (request, take, options) => sender.ask(request, take, { ...options, unit }),
    request: (request, options) => sender.request(request, { ...options, unit }),
    raw: (pdu, options) => sender.raw(pdu, { ...options, unit }),
  });
}
