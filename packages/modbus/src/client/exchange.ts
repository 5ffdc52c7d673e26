import type { ClientEngine } from "../engine/client-engine.ts";
import { createClientEngine } from "../engine/create.ts";
import { AbortedError, ClosedError, QueueFullError, RefusedError, TimeoutError } from "../errors.ts";
import type { Framing } from "../framing/framing.ts";
import type { Link } from "../link/link.ts";
import type { RequestOptions } from "./sender.ts";

/** One request and what is to be done with its outcome. Exactly one of `answer` without throwing and `reject` ends it. */
export interface Exchanged {
  readonly unit: number;
  readonly options: RequestOptions;
  readonly describe: () => string;
  readonly reject: (error: unknown) => void;
  /**
   * Reads the response PDU at `at` to `end`; what it throws rejects the request. An empty one ends a broadcast on a
   * line, which nobody answers.
   */
  readonly answer: (bytes: Uint8Array, at: number, end: number, unit: number) => void;
}

interface Waiting extends Exchanged {
  readonly token: number;
  /** A copy of the PDU while it waits for its turn. */
  pdu: Uint8Array | undefined;
  /** -1 while it waits for its turn. */
  transaction: number;
  onAbort: (() => void) | undefined;
}

export interface ExchangeOptions {
  readonly framing: Framing;
  readonly timeoutMs: number;
  readonly outstanding: number;
  readonly queue: number;
}

/** Requests of one connection: those on the wire, those in the queue, and how each of them ends. */
export class Exchange {
  readonly closed: Promise<void>;
  discarded = 0;
  readonly #link: Link;
  readonly #engine: ClientEngine;
  readonly #queueBound: number;
  readonly #timeoutMs: number;
  readonly #open = new Map<number, Waiting>();
  #queue: Waiting[] = [];
  #nextToken = 0;
  #timer: NodeJS.Timeout | undefined;
  #timerAt = 0;
  #heard = false;
  #ended: (() => Error) | undefined;
  #onEnd: ((cause: Error | undefined) => void) | undefined;

  constructor(link: Link, options: ExchangeOptions) {
    this.#link = link;
    this.#queueBound = options.queue;
    this.#timeoutMs = options.timeoutMs;
    this.#engine = createClientEngine(options.framing, {
      outstanding: options.outstanding,
      timeoutMs: options.timeoutMs,
      now: () => performance.now(),
      write: (bytes) => {
        // The number of open requests bounds what can be buffered here.
        link.write(bytes);
      },
      listener: {
        answered: (token, bytes, start, end, unit) => this.#answered(token, bytes, start, end, unit),
        timedOut: (token) => this.#timedOut(token),
        lost: (token) => this.#take(token)?.reject(this.#endError()),
        unsolicited: () => {
          this.discarded += 1;
        },
        broken: (error) => {
          this.#end(
            () => new ClosedError(`${link.peer} sent bytes that are no Modbus: ${error.message}`, { cause: error }),
          );
          link.destroy();
        },
      },
    });
    const { promise, resolve } = Promise.withResolvers<void>();
    this.closed = promise;
    link.open({
      received: (chunk) => {
        this.#heard = true;
        this.#engine.receive(chunk);
        this.#pump();
      },
      finished: () => {
        this.#end(() => this.#lostError(undefined));
        link.end();
      },
      drained: () => undefined,
      closed: (cause) => {
        this.#end(() => this.#lostError(cause));
        resolve();
      },
    });
  }

  /** Sends the PDU in `pdu` up to `end`, now or when it is its turn. Throws when it cannot be started at all. */
  start(pdu: Uint8Array, end: number, exchanged: Exchanged): void {
    const { signal, timeoutMs } = exchanged.options;
    if (this.#ended !== undefined) throw this.#ended();
    if (signal?.aborted) throw aborted(exchanged);
    this.#engine.check(exchanged.unit, timeoutMs ?? this.#timeoutMs);
    const waiting: Waiting = {
      ...exchanged,
      token: this.#nextToken++,
      pdu: undefined,
      transaction: -1,
      onAbort: undefined,
    };
    if (this.#queue.length === 0 && this.#engine.hasRoom) {
      this.#send(waiting, pdu, end);
    } else {
      if (this.#queue.length >= this.#queueBound) {
        throw new QueueFullError(`${this.#queue.length} requests to ${this.#link.peer} wait already`);
      }
      waiting.pdu = pdu.slice(0, end);
      this.#queue.push(waiting);
      this.#watch();
    }
    if (signal !== undefined) {
      waiting.onAbort = () => this.#abort(waiting);
      signal.addEventListener("abort", waiting.onAbort, { once: true });
    }
  }

  /** Calls `listener` when no request can be started any more; `cause` unless this side has closed. */
  onEnd(listener: (cause: Error | undefined) => void): void {
    this.#onEnd = listener;
  }

  async close(): Promise<void> {
    this.#end(() => new ClosedError(`the connection to ${this.#link.peer} was closed by this side`), true);
    this.#link.end();
    await this.closed;
  }

  #send(waiting: Waiting, pdu: Uint8Array, end: number): void {
    this.#open.set(waiting.token, waiting);
    const { unit, token, options } = waiting;
    waiting.transaction = this.#engine.send(pdu, 0, end, unit, token, options.timeoutMs ?? this.#timeoutMs);
    this.#watch();
  }

  #pump(): void {
    while (this.#queue.length > 0 && this.#engine.hasRoom) {
      const next = this.#queue.shift()!;
      const pdu = next.pdu!;
      next.pdu = undefined;
      this.#send(next, pdu, pdu.length);
    }
    if (this.#queue.length > 0) this.#watch();
  }

  #answered(token: number, bytes: Uint8Array, start: number, end: number, unit: number): void {
    const waiting = this.#take(token);
    if (waiting === undefined) return;
    try {
      waiting.answer(bytes, start, end, unit);
    } catch (error) {
      waiting.reject(error);
    }
  }

  #timedOut(token: number): void {
    const waiting = this.#take(token);
    const timeoutMs = waiting?.options.timeoutMs ?? this.#timeoutMs;
    waiting?.reject(
      new TimeoutError(
        `unit ${waiting.unit} at ${this.#link.peer} did not answer within ${timeoutMs} ms: ${waiting.describe()}`,
      ),
    );
  }

  #abort(waiting: Waiting): void {
    if (waiting.transaction < 0) {
      this.#queue.splice(this.#queue.indexOf(waiting), 1);
    } else {
      this.#open.delete(waiting.token);
      this.#engine.cancel(waiting.transaction);
    }
    waiting.reject(aborted(waiting));
    this.#pump();
  }

  /** The request is over: nothing of it stays behind. */
  #take(token: number): Waiting | undefined {
    const waiting = this.#open.get(token);
    this.#open.delete(token);
    if (waiting !== undefined) forget(waiting);
    return waiting;
  }

  #end(error: () => Error, wanted = false): void {
    if (this.#ended !== undefined) return;
    this.#ended = error;
    clearTimeout(this.#timer);
    this.#engine.drop();
    const queue = this.#queue;
    this.#queue = [];
    for (const waiting of queue) {
      forget(waiting);
      waiting.reject(error());
    }
    this.#onEnd?.(wanted ? undefined : error());
  }

  #endError(): Error {
    return this.#ended?.() ?? this.#lostError(undefined);
  }

  /**
   * With TLS 1.3 a client's handshake is over before the server has looked at its certificate, so a refusal arrives
   * as the end of a connection on which the server has never said anything.
   */
  #lostError(cause: Error | undefined): Error {
    const { peer, transport } = this.#link;
    const options = cause === undefined ? {} : { cause };
    const reason = cause === undefined ? "" : `: ${cause.message}`;
    if (transport === "tls" && !this.#heard) {
      const message = `${peer} closed the TLS connection before its first answer, as a server does that refuses a certificate`;
      return new RefusedError(`${message}${reason}`, options);
    }
    return new ClosedError(`${peer} closed the connection${reason}`, options);
  }

  /** One timer per connection, at the earliest deadline. */
  #watch(): void {
    const deadline = this.#engine.nextDeadline;
    if (deadline === Number.POSITIVE_INFINITY) return;
    if (this.#timer !== undefined && this.#timerAt <= deadline) return;
    clearTimeout(this.#timer);
    this.#timerAt = deadline;
    this.#timer = setTimeout(this.#tick, Math.max(1, Math.ceil(deadline - performance.now())));
  }

  readonly #tick = (): void => {
    this.#timer = undefined;
    this.#engine.expire();
    this.#pump();
    this.#watch();
  };
}

function forget(waiting: Waiting): void {
  if (waiting.onAbort !== undefined) waiting.options.signal?.removeEventListener("abort", waiting.onAbort);
}

function aborted(exchanged: Exchanged): AbortedError {
  return new AbortedError(`given up by its caller: ${exchanged.describe()}`, {
    cause: exchanged.options.signal?.reason,
  });
}
