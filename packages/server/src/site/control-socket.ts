import { once } from "node:events";
import { chmodSync, rmSync } from "node:fs";
import { createConnection, createServer, type Server, type Socket } from "node:net";
import { codeOf, messageOf, ThreadError } from "../threads/thread-error.ts";
import { SiteError } from "./error.ts";

/** A request of another process of this machine's administrator, one JSON document per line; an import of keys is the longest. */
const MAX_LINE = 32 * 1024 * 1024;
const MAX_CONNECTIONS = 16;
/** A peer that neither asks nor reads for so long is closed; none keeps its place for ever. */
const IDLE_MS = 60_000;
/** The kernel's limit for the path of a Unix socket, less its end. Linux unix(7) */
const MAX_PATH = 107;

export type Answer = (command: string, parameters: unknown) => Promise<unknown>;

export interface ControlSocket {
  close(): Promise<void>;
}

/** Listens on `path` (mode 0600 in a 0700 folder: who may connect may already read the keys). */
export async function openControlSocket(
  path: string,
  answer: Answer,
  idleMs: number = IDLE_MS,
): Promise<ControlSocket> {
  if (Buffer.byteLength(path) > MAX_PATH) {
    throw new SiteError(
      "ERR_SITE_PATH",
      `${path} is too long for a socket (${MAX_PATH} bytes): choose a shorter data folder`,
    );
  }
  // The data folder is locked by this process: a socket that is still there belongs to one that has died.
  rmSync(path, { force: true });
  const sockets = new Set<Socket>();
  const server: Server = createServer({ allowHalfOpen: true }, (socket) => {
    sockets.add(socket);
    socket.on("close", () => sockets.delete(socket));
    socket.setTimeout(idleMs, () => socket.destroy(new Error("idle")));
    void serve(socket, answer);
  });
  server.maxConnections = MAX_CONNECTIONS;
  server.listen(path);
  await once(server, "listening");
  // One that cannot be accepted asks again; the site goes on.
  server.on("error", () => undefined);
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

/** Answers line by line, each when the one before has been read: a slow peer slows nobody but itself. */
async function serve(socket: Socket, answer: Answer): Promise<void> {
  try {
    for await (const line of linesOf(socket)) {
      if (!socket.write(await replyTo(line, answer))) await once(socket, "drain");
    }
    socket.end();
  } catch {
    // The peer has gone, or sends what is no line of ours: there is nobody to answer.
    socket.destroy();
  }
}

async function replyTo(line: string, answer: Answer): Promise<string> {
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
    return `${JSON.stringify({ id, ok: true, result: result ?? null })}\n`;
  } catch (error) {
    if (error instanceof SyntaxError) return refusal(id, new SiteError("ERR_CONTROL_REQUEST", error.message));
    return refusal(id, error);
  }
}

function refusal(id: unknown, error: unknown): string {
  return `${JSON.stringify({ id, ok: false, error: { code: codeOf(error), message: messageOf(error) } })}\n`;
}

/**
 * Asks a running site. Resolves with undefined when none listens at `path` (no socket, or one whose process has died).
 * Errors of the site arrive with their own code. Errors of its own: ERR_SITE_STOPPED, ERR_SITE_SILENT, ERR_SITE_CONTROL
 */
export async function askControlSocket(
  path: string,
  command: string,
  parameters: unknown,
  patienceMs: number = IDLE_MS,
): Promise<{ readonly result: unknown } | undefined> {
  const socket = await open(path);
  if (socket === undefined) return undefined;
  socket.setTimeout(patienceMs, () =>
    socket.destroy(new ThreadError("ERR_SITE_SILENT", `the site did not answer within ${patienceMs} ms`)),
  );
  try {
    socket.write(`${JSON.stringify({ id: 1, command, parameters })}\n`);
    for await (const line of linesOf(socket)) return { result: resultIn(line) };
  } catch (error) {
    if (error instanceof ThreadError) throw error;
    throw new ThreadError("ERR_SITE_STOPPED", `the site did not answer: ${messageOf(error)}`);
  } finally {
    socket.destroy();
  }
  throw new ThreadError("ERR_SITE_STOPPED", "the site stopped before it answered");
}

function resultIn(line: string): unknown {
  const message = JSON.parse(line) as {
    readonly ok: boolean;
    readonly result?: unknown;
    readonly error?: { readonly code: string; readonly message: string };
  };
  if (message.ok) return message.result;
  throw new ThreadError(message.error?.code ?? "ERR_INTERNAL", message.error?.message ?? "the site refused");
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
      if (error.code === "ENOENT" || error.code === "ENOTDIR" || error.code === "ECONNREFUSED") resolve(undefined);
      else
        reject(new SiteError("ERR_SITE_CONTROL", `cannot ask the site at ${path}: ${error.message}`, { cause: error }));
    });
  });
}

/** Lines of UTF-8 as they come; the next one is read when this one has been dealt with. Error: ERR_CONTROL_REQUEST */
async function* linesOf(socket: Socket): AsyncGenerator<string> {
  let buffered = "";
  socket.setEncoding("utf8");
  for await (const chunk of socket as AsyncIterable<string>) {
    let from = 0;
    for (let end = chunk.indexOf("\n"); end >= 0; end = chunk.indexOf("\n", from)) {
      yield buffered + chunk.slice(from, end);
      buffered = "";
      from = end + 1;
    }
    buffered += chunk.slice(from);
    if (buffered.length > MAX_LINE) {
      throw new SiteError("ERR_CONTROL_REQUEST", `a control request is at most ${MAX_LINE} characters`);
    }
  }
}
