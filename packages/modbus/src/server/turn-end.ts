/**
 * Does something once, after everything that is ready by now, promise callbacks included: replies of handlers that
 * resolve at once still share one write.
 */
export class TurnEnd {
  readonly #action: () => void;
  #planned = false;

  constructor(action: () => void) {
    this.#action = action;
  }

  plan(): void {
    if (this.#planned) return;
    this.#planned = true;
    queueMicrotask(this.#afterMicrotasks);
  }

  readonly #afterMicrotasks = (): void => process.nextTick(this.#act);

  readonly #act = (): void => {
    this.#planned = false;
    this.#action();
  };
}
