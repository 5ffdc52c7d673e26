import { BadUrlError } from "../errors.ts";
import { realTimers, type Timers } from "../timers.ts";
import type { ModbusUrl } from "../url.ts";
import type { Link } from "./link.ts";
import type { Listening, ListenLinkOptions } from "./listen.ts";
import { openSerial } from "./serial.ts";

/** After a lost port is tried again first, and at most; in between the time doubles. */
const firstRetryMs = 250;
const longestRetryMs = 5000;

/**
 * Serves at a serial port: it is one link, and another each time the port has come back after it was lost, such as a USB
 * adapter that was pulled out.
 */
export async function listenSerial(url: ModbusUrl, options: ListenLinkOptions): Promise<Listening> {
  const { line } = options;
  const kept = new KeptOpen(
    (left) => openSerial(url, line === undefined ? {} : { line }, left),
    (link) => options.onLink(link),
    (cause) => options.onFault?.(url.path!, cause),
  );
  await kept.start();
  return {
    url,
    setTls() {
      throw new BadUrlError(`modbus+${url.scheme} has no TLS settings`);
    },
    close: async () => kept.stop(),
  };
}

/** Opens again what was lost, until it is stopped. `open` is given what to call when its link has ended. */
export class KeptOpen {
  readonly #open: (left: () => void) => Promise<Link>;
  readonly #onLink: (link: Link) => void;
  readonly #onFailed: (cause: Error) => void;
  readonly #timers: Timers;
  #retryMs = firstRetryMs;
  #callOff: (() => void) | undefined;
  #stopped = false;

  constructor(
    open: (left: () => void) => Promise<Link>,
    onLink: (link: Link) => void,
    onFailed: (cause: Error) => void,
    timers: Timers = realTimers,
  ) {
    this.#open = open;
    this.#onLink = onLink;
    this.#onFailed = onFailed;
    this.#timers = timers;
  }

  /** The first time a failure is the caller's. */
  async start(): Promise<void> {
    this.#hand(await this.#open(this.#later));
  }

  stop(): void {
    this.#stopped = true;
    this.#callOff?.();
  }

  #hand(link: Link): void {
    if (this.#stopped) link.destroy();
    else this.#onLink(link);
  }

  readonly #later = (): void => {
    if (this.#stopped) return;
    this.#callOff = this.#timers.after(this.#retryMs, () => void this.#again());
    this.#retryMs = Math.min(2 * this.#retryMs, longestRetryMs);
  };

  async #again(): Promise<void> {
    try {
      const link = await this.#open(this.#later);
      this.#retryMs = firstRetryMs;
      this.#hand(link);
    } catch (cause) {
      this.#onFailed(cause instanceof Error ? cause : new Error(String(cause)));
      this.#later();
    }
  }
}
