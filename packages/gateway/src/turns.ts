import type { Bus } from "./bus.ts";
import type { Session } from "./session.ts";

/** What is left for the end of a step, or for the turn of the loop after it. */
export class Turns {
  readonly #touched = new Set<Session>();
  readonly #deferred = new Set<Session>();
  readonly #pumped = new Set<Bus>();
  #next: NodeJS.Immediate | undefined;

  /** The session has replies that may be ready: they go out together at the end of the step. */
  touch(session: Session): void {
    this.#touched.add(session);
  }

  /** The end of a step. */
  flush(): void {
    for (const session of this.#touched) {
      // Deleted first: what is touched again meanwhile is visited again.
      this.#touched.delete(session);
      session.flush();
    }
  }

  /** The session goes on when others had their turn. */
  defer(session: Session): void {
    this.#deferred.add(session);
    this.#schedule();
  }

  /** Requests of this bus can go on. */
  pump(bus: Bus): void {
    this.#pumped.add(bus);
    this.#schedule();
  }

  forget(session: Session): void {
    this.#touched.delete(session);
    this.#deferred.delete(session);
  }

  close(): void {
    clearImmediate(this.#next);
  }

  #schedule(): void {
    this.#next ??= setImmediate(() => {
      this.#next = undefined;
      const buses = [...this.#pumped];
      const sessions = [...this.#deferred];
      this.#pumped.clear();
      this.#deferred.clear();
      for (const bus of buses) bus.pump();
      for (const session of sessions) session.advance();
      this.flush();
    });
  }
}
