import { writeSync } from "node:fs";
import { Socket, type SocketConstructorOpts } from "node:net";
import { TLSSocket } from "node:tls";
import { MAX_TCP_ADU } from "@modwarden/protocol";

/**
 * The short ways in and out of a connected socket, which halve what Node.js spends on a small request: reading into one
 * buffer that all sockets of the thread share, and writing to the descriptor at once. Both need what Node.js does not
 * document, the handle behind a socket; where it is not as expected the socket is used as it is.
 */

/**
 * `direct` (default): by the short ways where they are open, which they are not for TLS and on Windows.
 * `plain`: by nothing but what Node.js documents.
 */
export type SocketWay = "direct" | "plain";

/** What is used of a TCP or pipe handle. */
interface Handle {
  /** Above 0 where sockets have descriptors, which is everywhere but on Windows. */
  readonly fd: number;
  readonly useUserBuffer: (buffer: Uint8Array) => void;
}

/** Every read is handed on before the next one starts, so that one buffer does for all. */
const shared = new Uint8Array(65_536);

/** Views of its beginning, by length, as most chunks are one ADU. */
const views: Uint8Array[] = Array.from({ length: MAX_TCP_ADU + 1 }, (_, size) => shared.subarray(0, size));

/** Runtimes that have Node.js's modules and other handles below them. */
const isNode = !("bun" in process.versions || "deno" in process.versions);

function isHandle(handle: unknown): handle is Handle {
  if (typeof handle !== "object" || handle === null) return false;
  const { fd, useUserBuffer } = handle as Partial<Handle>;
  return typeof useUserBuffer === "function" && typeof fd === "number" && fd > 0;
}

export interface DirectSocket {
  readonly socket: Socket;
  /** Good for `writeNow` as long as `socket` is writable. */
  readonly descriptor: number;
}

/**
 * Moves the connection of `socket` into a socket that reads into the shared buffer, and calls `received` with what came,
 * valid during the call only. It reads nothing before its `read(0)`. Undefined when that is not possible: then `socket`
 * is as it was.
 */
export function direct(socket: Socket, received: (chunk: Uint8Array) => void): DirectSocket | undefined {
  const holder = socket as { _handle?: unknown };
  const handle = holder._handle;
  const isBusy = socket.destroyed || socket.connecting || socket.readableLength > 0 || socket.writableLength > 0;
  // The descriptor below a TLS socket carries what is encrypted already.
  if (!isNode || isBusy || socket instanceof TLSSocket || !isHandle(handle)) return undefined;
  const options: Omit<SocketConstructorOpts, "handle"> & { readonly handle: Handle; readonly pauseOnCreate: boolean } =
    {
      handle,
      allowHalfOpen: socket.allowHalfOpen,
      pauseOnCreate: true,
      onread: {
        buffer: shared,
        callback(size) {
          received(views[size] ?? shared.subarray(0, size));
          return true;
        },
      },
    };
  holder._handle = null;
  const moved = new Socket(options as object);
  // The listener's count of its connections hangs on the socket that it made.
  moved.once("close", () => socket.destroy());
  return { socket: moved, descriptor: handle.fd };
}

/**
 * Writes as many bytes as the system takes at once, which for a reply is all of them unless the peer does not read.
 * What is left, and whatever is wrong with the connection, is for the socket's own `write`.
 */
export function writeNow(descriptor: number, bytes: Uint8Array, at: number, end: number): number {
  try {
    return writeSync(descriptor, bytes, at, end - at);
  } catch {
    return 0;
  }
}
