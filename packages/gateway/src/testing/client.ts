import { createConnection, type Socket } from "node:net";
import { type ConnectionOptions, connect as connectTls, type TLSSocket } from "node:tls";
import { toHex } from "@modwarden/protocol";

/** A raw socket: what goes in and comes out is bytes, so that it can do what no library would. */
export class TestClient<S extends Socket = Socket> {
  readonly socket: S;
  #received = Buffer.alloc(0);
  #wake: () => void = () => undefined;
  /** The peer has ended its side, or the connection is gone. */
  ended = false;
  closed = false;

  private constructor(socket: S) {
    this.socket = socket;
    socket.on("data", (chunk: Buffer) => {
      this.#received = Buffer.concat([this.#received, chunk]);
      this.#wake();
    });
    socket.on("error", () => undefined);
    socket.on("end", () => {
      this.ended = true;
      this.#wake();
    });
    socket.on("close", () => {
      this.ended = true;
      this.closed = true;
      this.#wake();
    });
  }

  static async open(port: number, localAddress = "127.0.0.1"): Promise<TestClient> {
    const client = new TestClient(
      createConnection({ host: "127.0.0.1", port, localAddress, noDelay: true, allowHalfOpen: true }),
    );
    await client.#opened("connect");
    return client;
  }

  /** Resolves when the client's side of the handshake is done; with TLS 1.3 the server may still refuse. */
  static async openTls(port: number, options: ConnectionOptions): Promise<TestClient<TLSSocket>> {
    const halfOpen: ConnectionOptions & { readonly allowHalfOpen: boolean } = { ...options, allowHalfOpen: true };
    const client = new TestClient(
      connectTls({ host: "127.0.0.1", port, checkServerIdentity: () => undefined, ...halfOpen }),
    );
    await client.#opened("secureConnect");
    return client;
  }

  async #opened(event: string): Promise<void> {
    const socket: Socket = this.socket;
    await new Promise<void>((resolve, reject) => {
      socket.once(event, () => resolve());
      socket.once("error", reject);
      socket.once("close", () => reject(new Error("the connection was closed before it stood")));
    });
  }

  send(bytes: Uint8Array): void {
    this.socket.write(bytes);
  }

  /** The next reply as hex of its whole ADU; rejects when the connection ends first or nothing comes. */
  async reply(withinMs = 4_000): Promise<string> {
    const complete = (): boolean =>
      this.#received.length >= 6 && this.#received.length >= 6 + this.#received.readUInt16BE(4);
    await this.#until(() => complete() || this.ended, withinMs);
    if (!complete()) throw new Error(`the connection ended with ${this.#received.length} bytes of a reply`);
    const end = 6 + this.#received.readUInt16BE(4);
    const adu = this.#received.subarray(0, end);
    this.#received = this.#received.subarray(end);
    return toHex(adu);
  }

  async replies(count: number, withinMs = 4_000): Promise<string[]> {
    const list: string[] = [];
    while (list.length < count) list.push(await this.reply(withinMs));
    return list;
  }

  async end(withinMs = 4_000): Promise<void> {
    await this.#until(() => this.ended, withinMs);
  }

  get unread(): number {
    return this.#received.length;
  }

  async #until(done: () => boolean, withinMs: number): Promise<void> {
    const deadline = performance.now() + withinMs;
    while (!done()) {
      const leftMs = deadline - performance.now();
      if (leftMs <= 0) throw new Error(`nothing came within ${withinMs} ms`);
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, leftMs);
        this.#wake = () => {
          clearTimeout(timer);
          resolve();
        };
      });
    }
  }
}

/** MBAP header and PDU from hex: `adu(1, 1, "03 0000 0002")`. */
export function adu(transaction: number, unit: number, pdu: string): Buffer {
  const bytes = Buffer.from(pdu.replaceAll(" ", ""), "hex");
  const header = Buffer.alloc(7);
  header.writeUInt16BE(transaction, 0);
  header.writeUInt16BE(bytes.length + 1, 4);
  header.writeUInt8(unit, 6);
  return Buffer.concat([header, bytes]);
}
