import type { IdentityService } from "@modwarden/identity";
import { messageOf } from "../threads/thread-error.ts";

const RETRY_MS = 1_000;

/** What did not reach the audit log waits in the registry: says so once, tries again, and says when it is over. */
export class DeliveryAlarm {
  readonly #onNotice: (text: string) => void;
  #waiting = false;

  constructor(onNotice: (text: string) => void) {
    this.#onNotice = onNotice;
  }

  failed(error: unknown): void {
    if (!this.#waiting) {
      this.#onNotice(`changes of the registry are in force but wait for their record: ${messageOf(error)}`);
    }
    this.#waiting = true;
  }

  /** Tries again until it is stopped; returns how to stop it. */
  watch(identity: Pick<IdentityService, "events">, retryMs: number = RETRY_MS): () => void {
    let busy = false;
    const look = async (): Promise<void> => {
      if (busy || !this.#waiting) return;
      busy = true;
      try {
        await identity.events.deliver();
      } catch (error) {
        this.failed(error);
      } finally {
        busy = false;
      }
      if (identity.events.undelivered > 0) return;
      this.#waiting = false;
      this.#onNotice("every change of the registry is on record again");
    };
    const timer = setInterval(() => void look(), retryMs);
    return () => clearInterval(timer);
  }
}
