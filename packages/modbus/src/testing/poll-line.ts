import { ExceptionResponseError } from "@modwarden/protocol";
import type { RequestOptions } from "../client/sender.ts";
import type { ClientState, StateListener } from "../client/state.ts";
import { AbortedError, NoConnectionError, TimeoutError } from "../errors.ts";
import type { PollClient } from "../poller/ask.ts";
import type { VirtualClock } from "./virtual-clock.ts";

export interface Asked {
  readonly at: number;
  readonly unit: number;
  readonly table: string;
  readonly address: number;
  readonly quantity: number;
}

/** A line of devices on virtual time: an address reads as its own number, or odd as true. */
export class PollLine implements PollClient {
  readonly asked: Asked[] = [];
  readonly silent = new Set<number>();
  /** `${unit}:${address}` that the devices do not have: exception 2. */
  readonly missing = new Set<string>();
  /** Exceptions of whole units, which come before anything else. */
  readonly exceptions = new Map<number, number>();
  down = false;
  answerMs = 10;
  timeoutMs = 1000;
  /** Added to every register. */
  offset = 0;
  open = 0;
  mostOpen = 0;
  readonly #clock: VirtualClock;
  readonly #listeners = new Set<StateListener>();

  constructor(clock: VirtualClock) {
    this.#clock = clock;
  }

  /** The times at which a unit was asked. */
  times(unit: number): number[] {
    return this.asked.filter((each) => each.unit === unit).map(({ at }) => at);
  }

  onState = (listener: StateListener): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  tell(state: ClientState): void {
    for (const listener of this.#listeners) listener({ state, cause: undefined, retryMs: undefined });
  }

  readCoils = (address: number, quantity: number, options?: RequestOptions): Promise<boolean[]> =>
    this.#read("coil", address, quantity, options).then((words) => Array.from(words, (word) => word % 2 === 1));

  readDiscreteInputs = (address: number, quantity: number, options?: RequestOptions): Promise<boolean[]> =>
    this.#read("discrete", address, quantity, options).then((words) => Array.from(words, (word) => word % 2 === 1));

  readHoldingRegisters = (address: number, quantity: number, options?: RequestOptions): Promise<Uint16Array> =>
    this.#read("holding", address, quantity, options);

  readInputRegisters = (address: number, quantity: number, options?: RequestOptions): Promise<Uint16Array> =>
    this.#read("input", address, quantity, options);

  #read(table: string, address: number, quantity: number, options: RequestOptions = {}): Promise<Uint16Array> {
    const unit = options.unit ?? 1;
    this.asked.push({ at: this.#clock.now(), unit, table, address, quantity });
    this.open += 1;
    this.mostOpen = Math.max(this.mostOpen, this.open);
    return new Promise<Uint16Array>((resolve, reject) => {
      const silent = this.silent.has(unit);
      const ms = this.down ? 0 : silent ? (options.timeoutMs ?? this.timeoutMs) : this.answerMs;
      const cancel = this.#clock.after(ms, () => {
        options.signal?.removeEventListener("abort", onAbort);
        this.open -= 1;
        const words = Uint16Array.from({ length: quantity }, (_, index) => address + index + this.offset);
        const gone = Array.from({ length: quantity }, (_, index) => `${unit}:${address + index}`);
        const exception = this.exceptions.get(unit) ?? (gone.some((each) => this.missing.has(each)) ? 2 : 0);
        if (this.down) reject(new NoConnectionError("the line is down"));
        else if (silent) reject(new TimeoutError(`unit ${unit} is silent`));
        else if (exception > 0) reject(new ExceptionResponseError(3, exception, "as the test says"));
        else resolve(words);
      });
      const onAbort = (): void => {
        cancel();
        this.open -= 1;
        reject(new AbortedError("given up"));
      };
      options.signal?.addEventListener("abort", onAbort, { once: true });
    });
  }
}
