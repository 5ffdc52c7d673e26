import { once } from "node:events";
import { readFileSync } from "node:fs";
import { isIP } from "node:net";
import { type ConnectionOptions, connect, type TLSSocket } from "node:tls";

/** Where messages go, and how it is known that it is there. Files are read anew for each connection. */
export interface SyslogTarget {
  readonly host: string;
  readonly port: number;
  /** File of the authorities that may vouch for the receiver, PEM. */
  readonly authority: string;
  /** Files of what this side shows for itself. */
  readonly identity?: { readonly key: string; readonly certificate: string } | undefined;
}

const CONNECT_MS = 10_000;
const KEEP_ALIVE_MS = 15_000;
const WAITING_BYTES = 256 * 1024;

/** One TLS connection to a receiver (RFC 5425); its certificate must be for the name or address it is called by. */
export class SyslogConnection {
  readonly #socket: TLSSocket;
  #failure: Error | undefined;
  /** This side has said that it is at its end. */
  #ending = false;
  #ended = false;
  /** Resolves when the connection is over, with why; without a reason when this side ended it and the other agreed. */
  readonly closed: Promise<Error | undefined>;

  private constructor(socket: TLSSocket) {
    this.#socket = socket;
    // A receiver sends nothing: what comes all the same is let go.
    socket.resume();
    socket.on("error", (error) => {
      this.#failure ??= error;
    });
    socket.on("end", () => {
      this.#ended = true;
      // What it had not read by then is lost with it.
      if (!this.#ending) this.#failure ??= new Error("the receiver ended the connection");
      socket.end();
    });
    this.closed = new Promise((resolve) => {
      socket.once("close", () => {
        const cut = this.#ended ? undefined : new Error("the connection was cut");
        resolve(this.#failure ?? cut);
      });
    });
  }

  /** Rejects when it cannot be reached, or is not who it should be. */
  static async open(target: SyslogTarget, signal: AbortSignal): Promise<SyslogConnection> {
    const { host, port, authority, identity } = target;
    const options: ConnectionOptions = {
      host,
      port,
      ca: readFileSync(authority),
      minVersion: "TLSv1.2",
      ...(isIP(host) === 0 ? { servername: host } : {}),
      ...(identity === undefined ? {} : { key: readFileSync(identity.key), cert: readFileSync(identity.certificate) }),
    };
    const socket = connect(options);
    const patience = AbortSignal.any([signal, AbortSignal.timeout(CONNECT_MS)]);
    try {
      await once(socket, "secureConnect", { signal: patience });
    } catch (error) {
      socket.on("error", () => undefined);
      socket.destroy();
      if (patience.aborted && !signal.aborted) throw new Error(`no connection within ${CONNECT_MS / 1000} s`);
      throw error;
    }
    socket.setKeepAlive(true, KEEP_ALIVE_MS);
    return new SyslogConnection(socket);
  }

  get isOpen(): boolean {
    return !this.#socket.destroyed && this.#socket.writable && !this.#ended;
  }

  /** Bytes that the network has not taken. */
  get waiting(): number {
    return this.#socket.writableLength;
  }

  /** `took` is called when the network has taken it, and never when the connection ends before. */
  write(bytes: Uint8Array, took: () => void): void {
    this.#socket.write(bytes, (error) => {
      if (error === undefined || error === null) took();
    });
  }

  /** Resolves when there is room for more, or the connection is over. */
  async room(): Promise<void> {
    if (this.waiting < WAITING_BYTES) return;
    const drained = new Promise<void>((resolve) => this.#socket.once("drain", resolve));
    await Promise.race([drained, this.closed]);
  }

  /** Ends it in order; resolves with why it did not work, where it did not within `patienceMs`. */
  async end(patienceMs: number): Promise<Error | undefined> {
    this.#ending = true;
    this.#socket.end();
    const timer = setTimeout(() => this.destroy(), patienceMs);
    const reason = await this.closed;
    clearTimeout(timer);
    return reason;
  }

  destroy(reason?: Error): void {
    this.#socket.destroy(reason);
  }
}
