import type { Bus } from "./bus.ts";
import type { Clock } from "./clock.ts";
import type { Session } from "./session.ts";

/** Of one turn of the loop, for all requests of sessions that are refused a lot. */
const CROWD_MS = 0.1;
/** Of one of them, before the next has its turn. */
const CROWD_REQUESTS = 24;

/** What is left for the end of a step, or for the turn of the loop after it. */
export class Turns {
  readonly #touched = new Set<Session>();
  readonly #deferred = new Set<Session>();
  /** Those whose requests are refused a lot: a little of them in each turn, so that whoever else comes is not kept. */
  readonly #crowd = new Set<Session>();
  readonly #pumped = new Set<Bus>();
  readonly #clock: Clock;
  readonly #flushed: () => void;
  #next: NodeJS.Immediate | undefined;

  /** `flushed` is told at the end of every step. */
  constructor(clock: Clock, flushed: () => void) {
    this.#clock = clock;
    this.#flushed = flushed;
  }

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
    this.#flushed();
  }

  /** The session goes on when others had their turn. */
  defer(session: Session): void {
    this.#deferred.add(session);
    this.#schedule();
  }

  /** The session goes on as far as there is time for those that are refused a lot. */
  crowd(session: Session): void {
    this.#crowd.add(session);
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
    this.#crowd.delete(session);
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
      this.#advanceCrowd();
      this.flush();
    });
  }

  #advanceCrowd(): void {
    const untilMs = this.#clock.monotonicMs() + CROWD_MS;
    for (const session of this.#crowd) {
      this.#crowd.delete(session);
      // It comes back behind the others when it has more.
      session.advance(CROWD_REQUESTS);
      if (this.#clock.monotonicMs() >= untilMs) break;
    }
    if (this.#crowd.size > 0) this.#schedule();
  }
}
