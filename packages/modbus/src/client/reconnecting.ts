import { ModbusError, type Request } from "@modwarden/protocol";
import { ClosedError } from "../errors.ts";
import type { Link } from "../link/link.ts";
import type { TraceListener } from "../trace/event.ts";
import { TraceHub } from "../trace/hub.ts";
import { Backoff, type ReconnectOptions } from "./backoff.ts";
import { checkClientOptions } from "./check-options.ts";
import { type Client, type ClientOptions, clientOn, type LinkClient, type UnitView, viewOf } from "./client.ts";
import { kept } from "./kept.ts";
import { ParkedRequests } from "./parked.ts";
import type { RequestOptions } from "./sender.ts";
import { type ClientState, StateCell, type StateListener } from "./state.ts";
import { UnitRequests } from "./unit-requests.ts";

/** What a client that comes back needs from its surroundings. */
export interface Dialler {
  /** Where it dials, for messages. */
  readonly peer: string;
  /** Rejects with a `ModbusError` when no link comes about, and soon after `signal` is aborted. */
  dial(signal: AbortSignal): Promise<Link>;
  /** 0 to below 1. */
  random(): number;
  /** Milliseconds on a clock that never goes back. */
  now(): number;
}

/** What another attempt cannot cure is not attempted again. */
const curable: readonly string[] = ["ERR_MODBUS_NO_CONNECTION", "ERR_MODBUS_REFUSED", "ERR_MODBUS_CLOSED"];

/**
 * One connection after another to the same server. What is on the wire or in the queue of a connection when it ends is
 * rejected and never sent again: whether a write was carried out is for its caller to find out.
 */
export class ReconnectingClient extends UnitRequests<RequestOptions> implements Client {
  readonly closed: Promise<void>;
  readonly #dialler: Dialler;
  readonly #options: ClientOptions;
  readonly #backoff: Backoff;
  readonly #cell: StateCell = new StateCell("connecting");
  readonly #parked: ParkedRequests<LinkClient>;
  readonly #hub = new TraceHub("client");
  readonly #closing: AbortController = new AbortController();
  readonly #resolveClosed: () => void;
  #current: LinkClient | undefined;
  #last: Client | undefined;
  #timer: NodeJS.Timeout | undefined;
  #connectedAt = 0;
  #discarded = 0;

  constructor(dialler: Dialler, options: ClientOptions, reconnect: ReconnectOptions) {
    checkClientOptions(options);
    const { queue = 1024 } = options;
    const { queueWhileDownMs = 0 } = reconnect;
    if (typeof queueWhileDownMs !== "number" || !(queueWhileDownMs >= 0 && queueWhileDownMs <= 2_147_483_647)) {
      throw new ModbusError(
        "ERR_MODBUS_BAD_VALUE",
        `queueWhileDownMs has to be 0 to 2147483647, not ${queueWhileDownMs}`,
      );
    }
    const backoff = new Backoff(reconnect, () => dialler.random());
    super({
      ask: (request, take, asked) =>
        this.#current?.requests.ask(request, take, asked) ??
        this.#later(request, asked, ({ requests }, waiting) => requests.ask(waiting, take, asked)),
      request: (request, asked) =>
        this.#current?.request(request, asked) ??
        this.#later(request, asked, (client, waiting) => client.request(waiting, asked)),
      raw: (pdu, asked) =>
        this.#current?.raw(pdu, asked) ?? this.#later(pdu, asked, (client, waiting) => client.raw(waiting, asked)),
    });
    const { promise, resolve } = Promise.withResolvers<void>();
    this.closed = promise;
    this.#resolveClosed = resolve;
    this.#dialler = dialler;
    this.#options = options;
    this.#backoff = backoff;
    this.#parked = new ParkedRequests(queueWhileDownMs, queue);
  }

  get state(): ClientState {
    return this.#cell.state;
  }

  get peer(): string {
    return this.#last?.peer ?? this.#dialler.peer;
  }

  get certificate(): Uint8Array | undefined {
    return this.#last?.certificate;
  }

  get discarded(): number {
    return this.#discarded + (this.#current?.discarded ?? 0);
  }

  onState(listener: StateListener): () => void {
    return this.#cell.listen(listener);
  }

  unit(unit: number): UnitView {
    return viewOf(this.sender, unit);
  }

  trace(listener: TraceListener): Disposable {
    return this.#hub.add(listener);
  }

  /** The first connection: rejects, with the client closed, when it does not come about. */
  async first(): Promise<void> {
    try {
      this.#connected(await this.#dialler.dial(this.#closing.signal));
    } catch (error) {
      this.#finish(error as Error);
      throw error;
    }
    if (this.#ended) throw this.#closedError();
  }

  /** Attempts, and attempts again. Never rejects. */
  async attempt(): Promise<void> {
    if (this.#ended) return;
    this.#cell.move("connecting");
    try {
      this.#connected(await this.#dialler.dial(this.#closing.signal));
    } catch (error) {
      this.#failed(error as Error);
    }
  }

  async close(): Promise<void> {
    const current = this.#current;
    this.#finish(undefined);
    await current?.close();
    await this.closed;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  get #ended(): boolean {
    return this.#cell.state === "closed";
  }

  /** Sends with the next connection what is asked for now, whatever its caller does with it meanwhile. */
  async #later<Asked extends Request | Uint8Array, Result>(
    asked: Asked,
    options: RequestOptions = {},
    send: (client: LinkClient, waiting: Asked) => Promise<Result>,
  ): Promise<Result> {
    if (this.#ended) throw this.#closedError();
    const waiting = kept(asked);
    return send(await this.#parked.wait(this.peer, options), waiting);
  }

  #connected(link: Link): void {
    const isConnection = !["udp", "rtu", "ascii"].includes(link.transport);
    const silentLimit = this.#options.silentLimit ?? (isConnection ? 3 : 0);
    const client = clientOn(link, { ...this.#options, silentLimit }, this.#hub);
    if (this.#ended) {
      void client.close();
      return;
    }
    this.#current = client;
    this.#last = client;
    this.#connectedAt = this.#dialler.now();
    client.onState(({ state, cause }) => {
      if (state === "closed") this.#lost(client, cause);
    });
    this.#parked.release(client);
    this.#cell.move("connected");
  }

  #lost(client: Client, cause: Error | undefined): void {
    if (this.#current !== client) return;
    this.#current = undefined;
    this.#discarded += client.discarded;
    if (this.#ended) return;
    this.#backoff.ended(this.#dialler.now() - this.#connectedAt);
    this.#failed(cause ?? new ClosedError(`${client.peer} closed the connection`));
  }

  #failed(cause: Error): void {
    if (this.#ended) return;
    const retryMs = isCurable(cause) ? this.#backoff.next() : undefined;
    if (retryMs === undefined) {
      this.#finish(cause);
      return;
    }
    this.#timer = setTimeout(() => void this.attempt(), retryMs);
    this.#cell.move("waiting", cause, retryMs);
  }

  #finish(cause: Error | undefined): void {
    if (this.#ended) return;
    clearTimeout(this.#timer);
    this.#cell.move("closed", cause);
    this.#closing.abort();
    this.#parked.rejectAll(() => this.#closedError());
    const current = this.#current;
    if (current === undefined) this.#resolveClosed();
    else void current.closed.then(this.#resolveClosed);
  }

  #closedError(): ClosedError {
    return new ClosedError(`the client of ${this.peer} is closed`, { sent: false });
  }
}

function isCurable(error: Error): boolean {
  return error instanceof ModbusError && curable.includes(error.code);
}
