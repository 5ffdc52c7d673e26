import type { UserFunction } from "@modwarden/protocol";
import { checkSignal } from "../callbacks.ts";
import type { ClientEngine } from "../engine/client-engine.ts";
import { createClientEngine } from "../engine/create.ts";
import { ClosedError, QueueFullError, TimeoutError } from "../errors.ts";
import type { Framing } from "../framing/framing.ts";
import { gathered } from "../link/gathered.ts";
import type { LineTiming } from "../link/line-timing.ts";
import type { Link } from "../link/link.ts";
import type { Call } from "./call.ts";
import { aborted, lost, neverSent } from "./end-errors.ts";
import { Silence } from "./silence.ts";

export interface ExchangeOptions {
  readonly framing: Framing;
  readonly line: LineTiming | undefined;
  readonly functions: readonly UserFunction<unknown, unknown>[] | undefined;
  readonly timeoutMs: number;
  readonly outstanding: number;
  readonly queue: number;
  readonly anyTransaction: boolean;
  /** Times in a row that requests time out and nothing at all comes, until the connection is taken for dead; 0: never. */
  readonly silentLimit: number;
  /** Whether the requests of one turn of the event loop share a write. */
  readonly gather: boolean;
}

/** Requests of one connection: those on the wire, those in the queue, and how each of them ends. */
export class Exchange {
  readonly closed: Promise<void>;
  discarded = 0;
  readonly #link: Link;
  readonly #engine: ClientEngine;
  readonly #queueBound: number;
  readonly #timeoutMs: number;
  readonly #anyTransaction: boolean;
  /** The open requests by their tokens, which are places in this table, and those of them that are free. */
  readonly #open: (Call | undefined)[] = [];
  readonly #free: number[] = [];
  #queue: Call[] = [];
  #timer: NodeJS.Timeout | undefined;
  #timerAt = 0;
  #heard = false;
  readonly #silence: Silence;
  #ended: (() => Error) | undefined;
  #onEnd: ((cause: Error | undefined) => void) | undefined;

  constructor(link: Link, options: ExchangeOptions) {
    this.#link = link;
    this.#queueBound = options.queue;
    this.#timeoutMs = options.timeoutMs;
    this.#silence = new Silence(options.silentLimit);
    this.#anyTransaction = options.anyTransaction && options.framing === "mbap";
    this.#engine = createClientEngine(options.framing, {
      line: options.line,
      functions: options.functions,
      outstanding: options.outstanding,
      timeoutMs: options.timeoutMs,
      anyTransaction: options.anyTransaction,
      now: () => performance.now(),
      // The number of open requests bounds what can be buffered here.
      write: options.gather ? gathered(link) : (bytes) => link.write(bytes),
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
        this.#silence.heard();
        this.#engine.receive(chunk);
        this.#pump();
        // On a line the silence behind bytes may be what ends an answer.
        if (options.framing !== "mbap") this.#watch();
      },
      finished: () => {
        this.#end(() => lost(link, this.#heard, undefined));
        link.end();
      },
      drained: () => undefined,
      closed: (cause) => {
        this.#end(() => lost(link, this.#heard, cause));
        resolve();
      },
    });
  }

  /** Sends the PDU in `pdu` up to `end`, now or when it is its turn. Throws when it cannot be started at all. */
  start(pdu: Uint8Array, end: number, call: Call): void {
    const { signal, timeoutMs } = call.options;
    if (this.#ended !== undefined) throw neverSent(this.#ended());
    if (signal !== undefined) {
      checkSignal(signal);
      if (signal.aborted) throw aborted(call);
    }
    this.#engine.check(call.unit, timeoutMs ?? this.#timeoutMs, pdu[0]!);
    const atOnce = this.#queue.length === 0 && this.#engine.hasRoom;
    if (!atOnce && this.#queue.length >= this.#queueBound) {
      throw new QueueFullError(`${this.#queue.length} requests to ${this.#link.peer} wait already`);
    }
    if (signal !== undefined) {
      // Before it is sent: a link that ends in that moment settles the request, and that takes the listener away.
      call.onAbort = () => this.#abort(call);
      signal.addEventListener("abort", call.onAbort, { once: true });
    }
    if (atOnce) {
      this.#send(call, pdu, end);
      return;
    }
    call.pdu = pdu.slice(0, end);
    this.#queue.push(call);
    this.#watch();
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

  #send(call: Call, pdu: Uint8Array, end: number): void {
    const place = this.#free.pop() ?? this.#open.length;
    this.#open[place] = call;
    call.place = place;
    call.transaction = this.#engine.send(pdu, 0, end, call.unit, place, call.options.timeoutMs ?? this.#timeoutMs);
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
    const call = this.#take(token);
    if (call === undefined) return;
    try {
      call.answer(bytes, start, end, unit);
    } catch (error) {
      call.reject(error);
    }
  }

  #timedOut(token: number): void {
    const call = this.#take(token);
    const timeoutMs = call?.options.timeoutMs ?? this.#timeoutMs;
    call?.reject(
      new TimeoutError(
        `unit ${call.unit} at ${this.#link.peer} did not answer within ${timeoutMs} ms: ${call.describe()}`,
      ),
    );
    this.#distrust();
    if (!this.#silence.timedOut(performance.now(), timeoutMs)) return;
    const { peer } = this.#link;
    this.#end(() => new ClosedError(`${peer} is taken for dead: nothing came in ${this.#silence.limit} time-outs`));
    this.#link.destroy();
  }

  #abort(call: Call): void {
    if (call.place < 0) {
      this.#queue.splice(this.#queue.indexOf(call), 1);
    } else {
      this.#engine.cancel(call.transaction);
      this.#take(call.place);
      this.#distrust();
    }
    call.reject(aborted(call));
    this.#pump();
  }

  /** A device that does not repeat transaction ids has an answer in hand that would be taken for the next one's. */
  #distrust(): void {
    if (!this.#anyTransaction) return;
    const { peer } = this.#link;
    this.#end(() => new ClosedError(`an answer of ${peer} could not be told from the next one (anyTransaction)`));
    this.#link.destroy();
  }

  /** The request is over: nothing of it stays behind, and its place is free for another. */
  #take(token: number): Call | undefined {
    const call = this.#open[token];
    if (call === undefined) return undefined;
    this.#open[token] = undefined;
    this.#free.push(token);
    forget(call);
    return call;
  }

  #end(error: () => Error, wanted = false): void {
    if (this.#ended !== undefined) return;
    this.#ended = error;
    clearTimeout(this.#timer);
    this.#engine.drop();
    const queue = this.#queue;
    this.#queue = [];
    for (const call of queue) {
      forget(call);
      call.reject(neverSent(error()));
    }
    this.#onEnd?.(wanted ? undefined : error());
  }

  #endError(): Error {
    return this.#ended?.() ?? lost(this.#link, this.#heard, undefined);
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

  /** A program that was busy for longer than a time-out takes the answers first that have come meanwhile. */
  readonly #tick = (): void => {
    this.#timer = undefined;
    setImmediate(this.#expire);
  };

  readonly #expire = (): void => {
    this.#engine.expire();
    this.#pump();
    this.#watch();
  };
}

function forget({ onAbort, options }: Call): void {
  if (onAbort !== undefined) options.signal?.removeEventListener("abort", onAbort);
}
