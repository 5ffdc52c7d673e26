import type { Link, LinkListener, Transport } from "../link/link.ts";

/** Two wires: what one end writes every other end hears, a turn of the event loop later, its own end when it has an echo. */
export class Bus {
  readonly #ends = new Set<BusEnd>();
  readonly #transport: Transport;
  /** Everything that was ever on the wires, one entry for each write. */
  readonly written: Uint8Array[] = [];

  constructor(transport: Transport) {
    this.#transport = transport;
  }

  end(name: string, echo = false): Link {
    const end = new BusEnd(this.#transport, name, echo, (bytes) => {
      this.written.push(bytes);
      for (const other of this.#ends) if (other !== end || echo) other.hear(bytes);
    });
    this.#ends.add(end);
    return end;
  }
}

class BusEnd implements Link {
  readonly transport: Transport;
  readonly peer: string;
  readonly certificate: undefined;
  readonly buffered = 0;
  readonly echo: boolean;
  readonly #send: (bytes: Uint8Array) => void;
  #listener: LinkListener | undefined;
  #closed = false;

  constructor(transport: Transport, name: string, echo: boolean, send: (bytes: Uint8Array) => void) {
    this.transport = transport;
    this.peer = name;
    this.echo = echo;
    this.#send = send;
  }

  open(listener: LinkListener): void {
    this.#listener = listener;
  }

  hear(bytes: Uint8Array): void {
    setImmediate(() => {
      if (!this.#closed) this.#listener?.received(bytes);
    });
  }

  write(bytes: Uint8Array): boolean {
    if (!this.#closed) this.#send(bytes);
    return true;
  }

  pause(): void {}

  resume(): void {}

  end(): void {
    this.destroy();
  }

  destroy(): void {
    if (this.#closed) return;
    this.#closed = true;
    setImmediate(() => this.#listener?.closed(undefined));
  }
}
