import type { Socket } from "node:net";
import { MAX_TCP_ADU } from "@modwarden/protocol";

/**
 * Writes requests to a device: each by itself where the device is given one at a time, since many take only the first
 * of a segment; otherwise those of one turn of the loop, of however many clients, together.
 */
export class TurnWriter {
  readonly #socket: Socket;
  readonly #waiting: Buffer | undefined;
  #used = 0;
  #scheduled = false;
  readonly #flush = (): void => {
    this.#scheduled = false;
    this.#send();
  };

  constructor(socket: Socket, outstanding: number) {
    this.#socket = socket;
    this.#waiting = outstanding > 1 ? Buffer.alloc(outstanding * MAX_TCP_ADU) : undefined;
  }

  /** `adu` is one whole request, given away. */
  write(adu: Uint8Array): void {
    const waiting = this.#waiting;
    if (waiting === undefined) {
      this.#socket.write(adu);
      return;
    }
    if (this.#used + adu.length > waiting.length) this.#send();
    waiting.set(adu, this.#used);
    this.#used += adu.length;
    if (this.#scheduled) return;
    this.#scheduled = true;
    setImmediate(this.#flush);
  }

  #send(): void {
    if (this.#waiting === undefined || this.#used === 0) return;
    // A copy: the socket may keep what it is given for a while.
    if (!this.#socket.destroyed) this.#socket.write(Buffer.from(this.#waiting.subarray(0, this.#used)));
    this.#used = 0;
  }
}
