import { checkSignal } from "../callbacks.ts";
import { AbortedError, NoConnectionError, QueueFullError } from "../errors.ts";
import type { RequestOptions } from "./sender.ts";

interface Parked<Connection> {
  readonly resolve: (connection: Connection) => void;
  readonly reject: (error: Error) => void;
  /** Takes its timer and its signal away. */
  readonly forget: () => void;
}

/** Requests that wait for a connection, in the order in which they came. Each of them settles. */
export class ParkedRequests<Connection> {
  readonly #waitMs: number;
  readonly #bound: number;
  readonly #parked = new Set<Parked<Connection>>();

  constructor(waitMs: number, bound: number) {
    this.#waitMs = waitMs;
    this.#bound = bound;
  }

  /** Resolves to the next connection. Rejects when the wait or the caller's patience is over, or too many wait. */
  wait(peer: string, { signal }: RequestOptions): Promise<Connection> {
    return new Promise((resolve, reject) => {
      checkSignal(signal);
      if (this.#waitMs <= 0) throw new NoConnectionError(`there is no connection to ${peer}`);
      if (signal?.aborted) throw new AbortedError("given up by its caller", { cause: signal.reason });
      if (this.#parked.size >= this.#bound) throw new QueueFullError(`${this.#bound} requests to ${peer} wait already`);
      const fail = (error: Error): void => {
        this.#parked.delete(parked);
        parked.forget();
        reject(error);
      };
      const onAbort = (): void => fail(new AbortedError("given up by its caller", { cause: signal?.reason }));
      const timer = setTimeout(
        () => fail(new NoConnectionError(`no connection to ${peer} within ${this.#waitMs} ms`)),
        this.#waitMs,
      );
      const parked: Parked<Connection> = {
        resolve,
        reject,
        forget() {
          clearTimeout(timer);
          signal?.removeEventListener("abort", onAbort);
        },
      };
      signal?.addEventListener("abort", onAbort, { once: true });
      this.#parked.add(parked);
    });
  }

  release(connection: Connection): void {
    for (const parked of this.#take()) parked.resolve(connection);
  }

  rejectAll(error: () => Error): void {
    for (const parked of this.#take()) parked.reject(error());
  }

  #take(): readonly Parked<Connection>[] {
    const parked = [...this.#parked];
    this.#parked.clear();
    for (const one of parked) one.forget();
    return parked;
  }
}
