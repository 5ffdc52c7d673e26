import { StoreError } from "./errors.ts";

/** How long what was committed may wait for the disk when nobody waits for it. */
const UNASKED_MS = 200;

/**
 * Brings commits to the disk beside the thread that makes them: the write-ahead log holds them in order, so one sync of
 * it makes everything durable that was committed before, however many wait for that. https://sqlite.org/wal.html
 */
export class Durability {
  readonly #sync: () => Promise<void>;
  #committed = 0;
  #durable = 0;
  #underWay: Promise<void> = Promise.resolve();
  #next: Promise<void> | undefined;
  #timer: NodeJS.Timeout | undefined;
  #failed: StoreError | undefined;

  /** `sync` resolves when the write-ahead log, as it was at the call, is on the disk. One call at a time. */
  constructor(sync: () => Promise<void>) {
    this.#sync = sync;
  }

  /** Something was committed just now. */
  committed(): void {
    this.#committed += 1;
    this.#timer ??= setTimeout(() => {
      this.#timer = undefined;
      // Whoever asks next is told.
      this.settled().catch(() => undefined);
    }, UNASKED_MS).unref();
  }

  /** Resolves when everything that was committed before the call is on the disk. Error: ERR_STORE_NOT_DURABLE */
  async settled(): Promise<void> {
    if (this.#failed !== undefined) throw this.#failed;
    if (this.#durable === this.#committed) return;
    this.#next ??= this.#underWay
      .catch(() => undefined)
      .then(() => {
        this.#next = undefined;
        this.#underWay = this.#run();
        return this.#underWay;
      });
    await this.#next;
  }

  /** Waits for a sync that is under way; no other begins by itself. */
  async close(): Promise<void> {
    clearTimeout(this.#timer);
    await this.#underWay.catch(() => undefined);
  }

  async #run(): Promise<void> {
    if (this.#failed !== undefined) throw this.#failed;
    const committed = this.#committed;
    try {
      await this.#sync();
      this.#durable = committed;
    } catch (cause) {
      // What a failed sync has not written may be forgotten by the next one that succeeds: nothing is believed any more.
      const why = cause instanceof Error ? cause.message : String(cause);
      this.#failed = new StoreError(
        "ERR_STORE_NOT_DURABLE",
        `the database does not reach the disk (${why}): look after the disk, then start again`,
        { cause },
      );
      throw this.#failed;
    }
  }
}
