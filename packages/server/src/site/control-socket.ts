import { chmodSync, rmSync } from "node:fs";
import { createConnection, createServer, type Server, type Socket } from "node:net";
import { codeOf, messageOf, ThreadError } from "../threads/thread-error.ts";
import { SiteError } from "./error.ts";

/** A request of another process of this machine's administrator, one JSON document per line. */
const MAX_LINE = 256 * 1024;
const MAX_CONNECTIONS = 16;
/** The kernel's limit for the path of a Unix socket, less its end. Linux unix(7) */
const MAX_PATH = 107;

export type Answer = (command: string, parameters: unknown) => Promise<unknown>;

export interface ControlSocket {
  close(): Promise<void>;
}

/** Listens on `path` (mode 0600 in a 0700 folder: who may connect may already read the keys). */
export async function openControlSocket(path: string, answer: Answer): Promise<ControlSocket> {
  if (Buffer.byteLength(path) > MAX_PATH) {
    throw new SiteError(
      "ERR_SITE_PATH",
      `${path} is too long for a socket (${MAX_PATH} bytes): choose a shorter data folder`,
    );
  }
  // The data folder is locked by this process: a socket that is still there belongs to one that has died.
  rmSync(path, { force: true });
  const sockets = new Set<Socket>();
  const server: Server = createServer((socket) => {
    sockets.add(socket);
    socket.on("close", () => sockets.delete(socket));
    socket.on("error", () => socket.destroy());
    eachLine(socket, (line) => reply(socket, line, answer));
  });
  server.maxConnections = MAX_CONNECTIONS;
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(path, () => resolve());
  });
  chmodSync(path, 0o600);
  return {
    async close() {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      for (const socket of sockets) socket.end();
      const timer = setTimeout(() => {
        for (const socket of sockets) socket.destroy();
      }, 500);
      await closed;
      clearTimeout(timer);
    },
  };
}

async function reply(socket: Socket, line: string, answer: Answer): Promise<void> {
  let id: unknown = null;
  try {
    const request: unknown = JSON.parse(line);
    if (
      typeof request !== "object" ||
      request === null ||
      !("command" in request) ||
      typeof request.command !== "string"
    ) {
      throw new SiteError("ERR_CONTROL_REQUEST", "a control request is {id, command, parameters}");
    }
    id = "id" in request ? request.id : null;
    const result = await answer(request.command, "parameters" in request ? request.parameters : undefined);
    socket.write(`${JSON.stringify({ id, ok: true, result: result ?? null })}\n`);
  } catch (error) {
    socket.write(`${JSON.stringify({ id, ok: false, error: { code: codeOf(error), message: messageOf(error) } })}\n`);
  }
}

/**
 * Asks a running site. Resolves with undefined when none listens at `path` (no socket, or one whose process has died).
 * Errors of the site arrive with their own code.
 */
export async function askControlSocket(
  path: string,
  command: string,
  parameters: unknown,
): Promise<{ readonly result: unknown } | undefined> {
  const socket = await open(path);
  if (socket === undefined) return undefined;
  try {
    return await new Promise((resolve, reject) => {
      socket.on("error", reject);
      socket.on("close", () => reject(new ThreadError("ERR_SITE_STOPPED", "the site stopped before it answered")));
      eachLine(socket, async (line) => {
        const message = JSON.parse(line) as {
          ok: boolean;
          result?: unknown;
          error?: { code: string; message: string };
        };
        if (message.ok) resolve({ result: message.result });
        else
          reject(new ThreadError(message.error?.code ?? "ERR_INTERNAL", message.error?.message ?? "the site refused"));
      });
      socket.write(`${JSON.stringify({ id: 1, command, parameters })}\n`);
    });
  } finally {
    socket.destroy();
  }
}

function open(path: string): Promise<Socket | undefined> {
  if (Buffer.byteLength(path) > MAX_PATH) return Promise.resolve(undefined);
  return new Promise((resolve, reject) => {
    const socket = createConnection({ path });
    socket.once("connect", () => {
      socket.removeAllListeners("error");
      resolve(socket);
    });
    socket.once("error", (error: NodeJS.ErrnoException) => {
      if (error.code === "ENOENT" || error.code === "ECONNREFUSED") resolve(undefined);
      else reject(error);
    });
  });
}

/** Lines are answered one after the other, in order. */
function eachLine(socket: Socket, handle: (line: string) => Promise<void>): void {
  let buffered = "";
  let previous: Promise<void> = Promise.resolve();
  socket.setEncoding("utf8");
  socket.on("data", (chunk: string) => {
    buffered += chunk;
    for (let end = buffered.indexOf("\n"); end >= 0; end = buffered.indexOf("\n")) {
      const line = buffered.slice(0, end);
      buffered = buffered.slice(end + 1);
      previous = previous
        .then(() => handle(line))
        .catch(() => {
          socket.destroy();
        });
    }
    if (buffered.length > MAX_LINE) socket.destroy();
  });
}
