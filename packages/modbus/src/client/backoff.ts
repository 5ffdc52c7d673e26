import { ModbusError } from "@modwarden/protocol";

export interface ReconnectOptions {
  /** Milliseconds before the first new attempt; default 500. */
  readonly minMs?: number;
  /** Milliseconds at most between attempts; default 30,000. */
  readonly maxMs?: number;
  /** How the wait grows from attempt to attempt; default 2. */
  readonly factor?: number;
  /** The part of each wait that is chance, 0 to 1, so that clients do not all come back together; default 0.5. */
  readonly jitter?: number;
  /** New attempts that may fail in a row before the client closes for good; default: any number. */
  readonly attempts?: number;
  /** `connect` does not wait for the first connection; it is then attempted again like every later one. Default false. */
  readonly lazy?: boolean;
  /**
   * Requests made without a connection wait up to so many milliseconds for one, as many as `queue` says; default 0:
   * they reject at once with `ERR_MODBUS_NO_CONNECTION`. They are on no wire yet, so that none is ever sent twice.
   */
  readonly queueWhileDownMs?: number;
}

/** How long to wait before each attempt. `random` gives 0 to below 1. */
export class Backoff {
  readonly attempts: number;
  readonly #minMs: number;
  readonly #maxMs: number;
  readonly #factor: number;
  readonly #jitter: number;
  readonly #random: () => number;
  #failures = 0;
  #lastMs = 0;

  /** Throws `ERR_MODBUS_BAD_VALUE`. */
  constructor(options: ReconnectOptions, random: () => number) {
    const { minMs = 500, maxMs = 30_000, factor = 2, jitter = 0.5, attempts = Number.POSITIVE_INFINITY } = options;
    check("minMs", minMs, minMs >= 1 && minMs <= maxMs, "at least 1 and at most maxMs");
    check("maxMs", maxMs, maxMs <= 2_147_483_647, "at most 2147483647");
    check("factor", factor, factor >= 1 && Number.isFinite(factor), "at least 1");
    check("jitter", jitter, jitter >= 0 && jitter <= 1, "0 to 1");
    check("attempts", attempts, attempts >= 1, "at least 1");
    this.attempts = attempts;
    this.#minMs = minMs;
    this.#maxMs = maxMs;
    this.#factor = factor;
    this.#jitter = jitter;
    this.#random = random;
  }

  /** Milliseconds until the next attempt, or undefined when there have been enough. */
  next(): number | undefined {
    if (this.#failures >= this.attempts) return undefined;
    const full = Math.min(this.#maxMs, this.#minMs * this.#factor ** this.#failures);
    this.#failures += 1;
    this.#lastMs = full;
    return full * (1 - this.#jitter * this.#random());
  }

  /**
   * A connection has ended that had lasted so long. The waits begin anew when it has lasted longer than the one before
   * it: a server that accepts and hangs up at once is asked less and less often.
   */
  ended(lastedMs: number): void {
    if (lastedMs >= this.#lastMs) this.#failures = 0;
  }
}

function check(name: string, value: number, good: boolean, range: string): void {
  if (good && typeof value === "number") return;
  throw new ModbusError("ERR_MODBUS_BAD_VALUE", `reconnect.${name} has to be ${range}, not ${value}`);
}
