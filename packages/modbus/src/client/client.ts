import {
  BadPduError,
  BadResponseError,
  checkResponse,
  decodeResponse,
  describeRequest,
  ExceptionResponseError,
  encodeRequest,
  exceptionName,
  MAX_PDU,
  ModbusError,
  type Request,
  type RequestKind,
  type ResponseTo,
  requestSize,
} from "@modwarden/protocol";
import { checkUnit } from "../engine/engine.ts";
import { type Framing, framingOf } from "../framing/framing.ts";
import type { Link } from "../link/link.ts";
import { broadcastResponse } from "./broadcast.ts";
import { Exchange } from "./exchange.ts";
import type { RequestOptions, Sender, UnitRequestOptions } from "./sender.ts";
import { type ClientState, StateCell, type StateListener } from "./state.ts";
import { UnitRequests } from "./unit-requests.ts";

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
  /** How requests are wrapped; default is what the link's transport says. */
  readonly framing?: Framing;
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
  /** Ends the connection, also one that is only being made. Requests without an answer reject with `ERR_MODBUS_CLOSED`. */
  close(): Promise<void>;
}

/** Speaks Modbus as a client over a link that is connected. */
export function createClient(link: Link, options: ClientOptions = {}): Client {
  return new LinkClient(link, options);
}

/** The same for a link that nobody else will close: options that cannot be used close it. */
export function clientOn(link: Link, options: ClientOptions): Client {
  try {
    return new LinkClient(link, options);
  } catch (error) {
    link.destroy();
    throw error;
  }
}

class LinkClient extends UnitRequests<RequestOptions> implements Client {
  readonly peer: string;
  readonly certificate: Uint8Array | undefined;
  readonly #exchange: Exchange;
  readonly #cell: StateCell = new StateCell("connected");

  constructor(link: Link, options: ClientOptions) {
    const { timeoutMs = 1000, outstanding = 1, queue = 1024, unit = 1, anyUnit = false } = options;
    checkUnit(unit);
    const framing = options.framing ?? framingOf(link.transport);
    const exchange = new Exchange(link, { framing, timeoutMs, outstanding, queue });
    super(new PduSender(exchange, unit, anyUnit, framing !== "mbap"));
    this.peer = link.peer;
    this.certificate = link.certificate;
    this.#exchange = exchange;
    exchange.onEnd((cause) => this.#cell.move("closed", cause));
  }

  get state(): ClientState {
    return this.#cell.state;
  }

  onState(listener: StateListener): () => void {
    return this.#cell.listen(listener);
  }

  get closed(): Promise<void> {
    return this.#exchange.closed;
  }

  get discarded(): number {
    return this.#exchange.discarded;
  }

  unit(unit: number): UnitView {
    return viewOf(this, unit);
  }

  close(): Promise<void> {
    return this.#exchange.close();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }
}

/** The same client with the unit fixed. */
export function viewOf(client: UnitRequests<RequestOptions>, unit: number): UnitView {
  checkUnit(unit);
  return new UnitRequests<UnitRequestOptions>({
    request: (request, options) => client.request(request, { ...options, unit }),
    raw: (pdu, options) => client.raw(pdu, { ...options, unit }),
  });
}

/** Turns requests into PDUs and response PDUs into results. */
class PduSender implements Sender<RequestOptions> {
  readonly #exchange: Exchange;
  readonly #unit: number;
  readonly #anyUnit: boolean;
  readonly #line: boolean;
  readonly #scratch: Uint8Array = new Uint8Array(MAX_PDU);

  constructor(exchange: Exchange, unit: number, anyUnit: boolean, line: boolean) {
    this.#exchange = exchange;
    this.#unit = unit;
    this.#anyUnit = anyUnit;
    this.#line = line;
  }

  request<Kind extends RequestKind>(
    request: Extract<Request, { readonly kind: Kind }>,
    options: RequestOptions = {},
  ): Promise<ResponseTo<Kind>> {
    const unit = options.unit ?? this.#unit;
    return new Promise((resolve, reject) => {
      if (requestSize(request) > MAX_PDU) throw new BadPduError(3, `${describeRequest(request)} does not fit a PDU`);
      const end = encodeRequest(request, this.#scratch, 0);
      // Over TCP unit 0 is the device itself. MODBUS Messaging on TCP/IP V1.0b § 4.4.1.2
      const toAll = this.#line && unit === 0 ? broadcastResponse(request) : undefined;
      this.#exchange.start(this.#scratch, end, {
        unit,
        options,
        describe: () => describeRequest(request),
        reject,
        answer: (bytes, at, stop, answeredUnit) => {
          if (toAll !== undefined && at === stop) return resolve(toAll as ResponseTo<Kind>);
          this.#checkUnit(unit, answeredUnit);
          const response = decodeResponse(bytes, at, stop);
          checkResponse(request, response);
          if (response.kind === "exception") {
            const { functionCode, exception } = response;
            throw new ExceptionResponseError(functionCode, exception, exceptionName(exception));
          }
          // `checkResponse` has compared the kinds.
          resolve(response as ResponseTo<Kind>);
        },
      });
    });
  }

  raw(pdu: Uint8Array, options: RequestOptions = {}): Promise<Uint8Array> {
    const unit = options.unit ?? this.#unit;
    return new Promise((resolve, reject) => {
      if (pdu.length < 1 || pdu.length > MAX_PDU) {
        throw new ModbusError("ERR_MODBUS_BAD_VALUE", `a PDU has 1 to ${MAX_PDU} bytes, not ${pdu.length}`);
      }
      this.#exchange.start(pdu, pdu.length, {
        unit,
        options,
        describe: () => `function ${pdu[0]}`,
        reject,
        answer: (bytes, at, stop, answeredUnit) => {
          this.#checkUnit(unit, answeredUnit);
          resolve(bytes.slice(at, stop));
        },
      });
    });
  }

  /** MODBUS Messaging on TCP/IP V1.0b § 4.4.2.3: the unit is copied back. */
  #checkUnit(asked: number, answered: number): void {
    if (asked === answered || this.#anyUnit) return;
    throw new BadResponseError(`unit ${asked} was asked and unit ${answered} answered (anyUnit accepts that)`);
  }
}
