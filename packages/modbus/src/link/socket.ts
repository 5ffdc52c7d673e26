import type { Socket } from "node:net";
import { TLSSocket } from "node:tls";
import { ModbusError } from "@modwarden/protocol";
import { type ModbusUrl, placeOf, type Scheme } from "../url.ts";
import { direct, type SocketWay, writeNow } from "./direct.ts";
import type { Link, LinkListener } from "./link.ts";

/** How long `end` waits for a peer that does not read. */
const lingerMs = 1000;

export interface SocketLinkOptions {
  /**
   * Milliseconds of silence after which TCP asks whether the peer is still there, in whole seconds; default 30,000, 0
   * for never.
   */
  readonly keepAliveMs?: number;
  /** How sockets are read and written; default `direct`. */
  readonly sockets?: SocketWay;
}

/** What systems take: whole seconds, and on Linux no more than that (TCP_KEEPIDLE). */
const leastKeepAliveMs = 1000;
const mostKeepAliveMs = 32_767_000;

/** Throws `ERR_MODBUS_BAD_VALUE`. */
export function checkSocketOptions({ keepAliveMs = 0, sockets = "direct" }: SocketLinkOptions): void {
  const isTime = typeof keepAliveMs === "number" && keepAliveMs >= leastKeepAliveMs && keepAliveMs <= mostKeepAliveMs;
  if (keepAliveMs !== 0 && !isTime) {
    throw new ModbusError(
      "ERR_MODBUS_BAD_VALUE",
      `keepAliveMs has to be 0, or ${leastKeepAliveMs} to ${mostKeepAliveMs}, not ${keepAliveMs}`,
    );
  }
  if (sockets !== "direct" && sockets !== "plain") {
    throw new ModbusError("ERR_MODBUS_BAD_VALUE", `sockets has to be direct or plain, not ${sockets}`);
  }
}

/**
 * A connected TCP or TLS socket, or a Unix socket, as a link. Modbus PDUs are small and awaited, so Nagle's algorithm
 * is off.
 */
export class SocketLink implements Link {
  readonly transport: Scheme;
  readonly peer: string;
  readonly certificate: Uint8Array | undefined;
  readonly #socket: Socket;
  /** For writing at once; 0 where only the socket's own way is open. */
  readonly #descriptor: number;
  #listener: LinkListener | undefined;
  #cause: Error | undefined;
  #closed = false;
  #linger: NodeJS.Timeout | undefined;

  /**
   * `url`: where it is connected to, or where it was accepted. `certificate`: the peer's where the socket does not know
   * it, as that of a client whose session was resumed.
   */
  constructor(given: Socket, url: ModbusUrl, options: SocketLinkOptions = {}, certificate?: Uint8Array) {
    const { keepAliveMs = 30_000, sockets = "direct" } = options;
    const moved = sockets === "direct" ? direct(given, (chunk) => this.#listener?.received(chunk)) : undefined;
    const socket = moved?.socket ?? given;
    this.#socket = socket;
    this.#descriptor = moved?.descriptor ?? 0;
    this.transport = url.scheme;
    this.peer = url.path === undefined ? socketPeer(socket) : placeOf(url);
    this.certificate = certificate ?? verifiedCertificate(socket);
    if (url.path === undefined) {
      socket.setNoDelay(true);
      socket.setKeepAlive(keepAliveMs > 0, keepAliveMs);
    }
    socket.on("error", (error) => {
      this.#cause ??= error;
      // Node reports a renegotiation that is switched off and leaves the socket open, renegotiated. R-60
      socket.destroy();
    });
    socket.on("close", () => {
      this.#closed = true;
      clearTimeout(this.#linger);
      this.#listener?.closed(this.#cause);
    });
  }

  get buffered(): number {
    return this.#socket.writableLength;
  }

  open(listener: LinkListener): void {
    this.#listener = listener;
    if (this.#closed) {
      queueMicrotask(() => listener.closed(this.#cause));
      return;
    }
    const socket = this.#socket;
    socket.on("end", () => listener.finished());
    socket.on("drain", () => listener.drained());
    if (this.#descriptor > 0) {
      // A `resume` would also plan a later one, which undoes a `pause` that comes first.
      socket.read(0);
      return;
    }
    // A Buffer's `slice` shares memory where that of a Uint8Array copies, and decoders rely on the copy.
    socket.on("data", (chunk: Buffer) =>
      listener.received(new Uint8Array(chunk.buffer, chunk.byteOffset, chunk.byteLength)),
    );
  }

  write(bytes: Uint8Array): boolean {
    const socket = this.#socket;
    if (!socket.writable) return true;
    const written = this.send(bytes, 0, bytes.length);
    return written === bytes.length || socket.write(written === 0 ? bytes : bytes.subarray(written));
  }

  send(bytes: Uint8Array, at: number, end: number): number {
    const socket = this.#socket;
    // What is written after the end goes nowhere, at once.
    if (!socket.writable) return end - at;
    if (this.#descriptor === 0 || socket.writableLength > 0) return 0;
    return writeNow(this.#descriptor, bytes, at, end);
  }

  pause(): void {
    this.#socket.pause();
  }

  resume(): void {
    this.#socket.resume();
  }

  end(): void {
    if (this.#closed || this.#linger !== undefined) return;
    this.#linger = setTimeout(() => this.#socket.destroy(), lingerMs);
    this.#socket.destroySoon();
  }

  destroy(): void {
    this.#socket.destroy();
  }
}

/**
 * What no authority vouches for says nothing about anybody, wherever it was told to let the peer in all the same: its
 * role would be whatever its maker liked.
 */
function verifiedCertificate(socket: Socket): Uint8Array | undefined {
  return socket instanceof TLSSocket && socket.authorized ? socket.getPeerX509Certificate()?.raw : undefined;
}

/** An IPv4 peer of a dual-stack listener is written as what it is. */
export function socketPeer(socket: Socket): string {
  const address = (socket.remoteAddress ?? "unknown").replace(/^::ffff:(?=[\d.]+$)/, "");
  return `${address.includes(":") ? `[${address}]` : address}:${socket.remotePort ?? 0}`;
}
