import { messageOf } from "../threads/thread-error.ts";
import { type Look, serialiseLook } from "./look.ts";

const MINUTE_MS = 60_000;
/** Different questions of one minute that are told apart; of more only the action is counted. */
const MOST = 256;

export interface SiteLooksOptions {
  /** Resolves when the record is on disk. */
  readonly record: (body: string) => Promise<void>;
  readonly now: () => Date;
  /** One line for the operator. */
  readonly onNotice: (text: string) => void;
}

interface Repeated {
  readonly look: Look;
  readonly minute: number;
  again: number;
  records: number;
}

/**
 * Who looks at the log of a running site. A page of the console asks the same again and again: the first time in a
 * minute is recorded before it is answered, the others of that minute are counted into one record.
 */
export class SiteLooks {
  readonly #options: SiteLooksOptions;
  readonly #repeated = new Map<string, Repeated>();
  readonly #timer: NodeJS.Timeout;
  #failing = false;

  constructor(options: SiteLooksOptions) {
    this.#options = options;
    this.#timer = setInterval(() => void this.#trying(() => this.#settle(this.#minute())), MINUTE_MS / 2);
    this.#timer.unref();
  }

  /** A look of whoever sits at the site. Rejects when it cannot be recorded: the command there says so. */
  async operator(look: Look): Promise<void> {
    await this.#options.record(serialiseLook(this.#options.now(), { operator: true }, look));
  }

  /** A look through the console's API. It goes on where it cannot be recorded, and the operator is told. */
  async console(look: Look): Promise<void> {
    await this.#trying(() => this.#console(look));
  }

  /** Records what was counted. */
  async stop(): Promise<void> {
    clearInterval(this.#timer);
    await this.#trying(() => this.#settle(Number.POSITIVE_INFINITY));
  }

  async #console(look: Look): Promise<void> {
    const minute = this.#minute();
    await this.#settle(minute);
    const { action, query, records = 0 } = look;
    const own = JSON.stringify([action, query ?? null]);
    const key = this.#repeated.has(own) || this.#repeated.size < MOST ? own : action;
    const known = this.#repeated.get(key);
    if (known !== undefined) {
      known.again += 1;
      known.records += records;
      return;
    }
    const first = key === own ? look : { action };
    this.#repeated.set(key, { look: first, minute, again: 0, records: 0 });
    try {
      await this.#record(look);
    } catch (error) {
      // The next one like it is the first again.
      this.#repeated.delete(key);
      throw error;
    }
  }

  /** What was counted in minutes before this one. */
  async #settle(minute: number): Promise<void> {
    for (const [key, { look, minute: began, again, records }] of this.#repeated) {
      if (began >= minute) continue;
      this.#repeated.delete(key);
      if (again > 0) await this.#record({ ...look, records, again });
    }
  }

  async #record(look: Look & { readonly again?: number }): Promise<void> {
    await this.#options.record(serialiseLook(this.#options.now(), { console: true }, look));
  }

  #minute(): number {
    return Math.floor(this.#options.now().getTime() / MINUTE_MS);
  }

  /** The operator is told once, and again when it has failed anew. */
  async #trying(action: () => Promise<void>): Promise<void> {
    try {
      await action();
      this.#failing = false;
    } catch (error) {
      if (!this.#failing) {
        this.#options.onNotice(`the log was looked at, and that is not on record: ${messageOf(error)}`);
      }
      this.#failing = true;
    }
  }
}
