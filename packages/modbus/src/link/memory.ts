import type { Link, LinkListener } from "./link.ts";

/** Bytes on their way to one end before its peer's `write` says false; the default of a Node socket. */
const bound = 65_536;

/** Two ends in one process: what one writes the other receives, a turn of the event loop later. */
export interface MemoryLink {
  readonly client: Link;
  readonly server: Link;
}

export function createMemoryLink(): MemoryLink {
  const client = new MemoryEnd("memory:server");
  const server = new MemoryEnd("memory:client");
  client.connectTo(server);
  server.connectTo(client);
  return { client, server };
}

class MemoryEnd implements Link {
  readonly transport = "memory";
  readonly peer: string;
  readonly certificate: undefined;
  #other: MemoryEnd | undefined;
  #listener: LinkListener | undefined;
  #inbox: Uint8Array[] = [];
  #inboxBytes = 0;
  #scheduled = false;
  #paused = false;
  #full = false;
  #peerEnded = false;
  #finishTold = false;
  #ended = false;
  #broken: Error | undefined;
  #closedTold = false;

  constructor(peer: string) {
    this.peer = peer;
  }

  connectTo(other: MemoryEnd): void {
    this.#other = other;
  }

  get buffered(): number {
    return this.#other === undefined ? 0 : this.#other.#inboxBytes;
  }

  open(listener: LinkListener): void {
    this.#listener = listener;
    this.#schedule();
  }

  write(bytes: Uint8Array): boolean {
    const other = this.#other;
    if (other === undefined || this.#ended || other.#ended) return true;
    other.#inbox.push(bytes);
    other.#inboxBytes += bytes.length;
    other.#schedule();
    this.#full = other.#inboxBytes > bound;
    return !this.#full;
  }

  pause(): void {
    this.#paused = true;
  }

  resume(): void {
    this.#paused = false;
    this.#schedule();
  }

  end(): void {
    if (this.#ended) return;
    this.#ended = true;
    const other = this.#other;
    if (other !== undefined) {
      other.#peerEnded = true;
      other.#schedule();
    }
    this.#schedule();
  }

  destroy(): void {
    if (this.#ended) return;
    this.end();
    const other = this.#other;
    if (other !== undefined && !other.#ended) other.#break(new Error("the peer broke the connection off"));
  }

  /** The other end is gone: like a reset, what was on its way is lost. */
  #break(cause: Error): void {
    this.#broken = cause;
    this.#ended = true;
    this.#drop();
    this.#schedule();
  }

  #drop(): void {
    this.#inbox = [];
    this.#inboxBytes = 0;
  }

  #schedule(): void {
    if (this.#scheduled) return;
    this.#scheduled = true;
    setImmediate(this.#deliver);
  }

  readonly #deliver = (): void => {
    this.#scheduled = false;
    const listener = this.#listener;
    if (listener === undefined || this.#closedTold) return;
    while (!this.#ended && !this.#paused && this.#inbox.length > 0) {
      const chunk = this.#inbox.shift()!;
      this.#inboxBytes -= chunk.length;
      listener.received(chunk);
    }
    if (this.#ended) {
      this.#drop();
      this.#closedTold = true;
      this.#other?.tellDrained();
      listener.closed(this.#broken);
      return;
    }
    if (this.#inbox.length > 0) return;
    this.#other?.tellDrained();
    if (this.#peerEnded && !this.#finishTold && !this.#paused) {
      this.#finishTold = true;
      listener.finished();
    }
  };

  tellDrained(): void {
    if (!this.#full) return;
    this.#full = false;
    if (!this.#ended) this.#listener?.drained();
  }
}
