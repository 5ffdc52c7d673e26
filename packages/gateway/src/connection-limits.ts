import type { LineLimits } from "./configuration.ts";

/** The connections of all listeners of a line, in all and per source address. */
export class ConnectionLimits {
  readonly #limits: LineLimits;
  readonly #perSource = new Map<string, number>();
  #connections = 0;
  #handshakes = 0;

  constructor(limits: LineLimits) {
    this.#limits = limits;
  }

  /** Why one more connection is too many; undefined when it was counted in. */
  enter(host: string, handshake: boolean): string | undefined {
    const { connections, connectionsPerSource, handshakes } = this.#limits;
    const ofSource = this.#perSource.get(host) ?? 0;
    if (this.#connections >= connections) return `${this.#connections} connections`;
    if (ofSource >= connectionsPerSource) return `${ofSource} connections of this source`;
    if (handshake && this.#handshakes >= handshakes) return `${this.#handshakes} unfinished handshakes`;
    this.#connections += 1;
    this.#perSource.set(host, ofSource + 1);
    if (handshake) this.#handshakes += 1;
    return undefined;
  }

  /** The client has shown who it is. */
  shaken(): void {
    this.#handshakes -= 1;
  }

  leave(host: string): void {
    this.#connections -= 1;
    const left = (this.#perSource.get(host) ?? 1) - 1;
    if (left > 0) this.#perSource.set(host, left);
    else this.#perSource.delete(host);
  }
}
