import { connect as connectPlain, type Socket } from "node:net";
import { connect as connectSecure, type TLSSocket } from "node:tls";

/** What a socket saw: the bytes that came, and whether the other side ended it. */
export interface Exchange {
  readonly received: Buffer;
  readonly closed: boolean;
}

const WAIT_MS = 3_000;

/** Sends bytes as one segment and waits for `bytes` of answer, the end of the connection, or the time to be over. */
export function exchange(socket: Socket, sent: Uint8Array, bytes: number): Promise<Exchange> {
  return new Promise((resolve) => {
    let received = Buffer.alloc(0);
    const done = (closed: boolean): void => {
      clearTimeout(timer);
      socket.off("data", onData);
      socket.off("close", onClose);
      resolve({ received, closed });
    };
    const onData = (chunk: Buffer): void => {
      received = Buffer.concat([received, chunk]);
      if (received.length >= bytes) done(false);
    };
    const onClose = (): void => done(true);
    const timer = setTimeout(() => done(socket.destroyed), WAIT_MS);
    socket.on("error", () => undefined);
    socket.on("data", onData);
    socket.on("close", onClose);
    if (socket.destroyed) done(true);
    else socket.write(sent);
  });
}

/** A plain connection, its local address chosen. */
export function openPlain(port: number, localAddress = "127.0.0.1"): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connectPlain({ host: "127.0.0.1", port, localAddress });
    socket.once("connect", () => resolve(socket));
    socket.once("error", reject);
  });
}

export interface SecureOptions {
  readonly port: number;
  readonly ca: string;
  readonly key?: string;
  readonly cert?: string;
  readonly session?: Buffer;
}

/** A TLS connection as any client makes it; resolves when the handshake is over on this side. */
export function openSecure(options: SecureOptions): Promise<TLSSocket> {
  return new Promise((resolve, reject) => {
    const socket = connectSecure({ host: "127.0.0.1", servername: "localhost", ...options });
    socket.once("secureConnect", () => {
      socket.off("error", reject);
      socket.on("error", () => undefined);
      resolve(socket);
    });
    socket.once("error", reject);
  });
}

/** Resolves with the milliseconds until the socket is closed, or undefined when that takes longer than `limitMs`. */
export function closedWithin(socket: Socket, limitMs: number): Promise<number | undefined> {
  const start = performance.now();
  return new Promise((resolve) => {
    const timer = setTimeout(() => resolve(undefined), limitMs);
    const done = (): void => {
      clearTimeout(timer);
      resolve(Math.round(performance.now() - start));
    };
    if (socket.destroyed) done();
    else socket.once("close", done);
    socket.resume();
  });
}
