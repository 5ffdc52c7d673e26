import { checkListener } from "../callbacks.ts";

/**
 * `connecting`: an attempt runs. `connected`: requests go out. `waiting`: the next attempt has its time.
 * `closed`: for good, because somebody closed the client, the connection ended and nobody asked for another, or all
 * attempts have failed.
 */
export type ClientState = "connecting" | "connected" | "waiting" | "closed";

export interface StateChange {
  readonly state: ClientState;
  /** Why the last connection ended or did not come about; undefined when all is well or somebody closed the client. */
  readonly cause: Error | undefined;
  /** Milliseconds until the next attempt, while waiting. */
  readonly retryMs: number | undefined;
}

export type StateListener = (change: StateChange) => void;

/** A client's state and who wants to hear of it. */
export class StateCell {
  #state: ClientState;
  readonly #listeners = new Set<StateListener>();

  constructor(state: ClientState) {
    this.#state = state;
  }

  get state(): ClientState {
    return this.#state;
  }

  /** Returns what takes the listener away again. */
  listen(listener: StateListener): () => void {
    checkListener(listener);
    this.#listeners.add(listener);
    return () => {
      this.#listeners.delete(listener);
    };
  }

  /** Listeners are told in the order in which they came; what one throws is a warning and stops nothing. */
  move(state: ClientState, cause?: Error, retryMs?: number): void {
    if (this.#state === "closed" || this.#state === state) return;
    this.#state = state;
    for (const listener of this.#listeners) {
      try {
        listener({ state, cause, retryMs });
      } catch (error) {
        process.emitWarning(error instanceof Error ? error : new Error(String(error)));
      }
    }
    if (state === "closed") this.#listeners.clear();
  }
}
