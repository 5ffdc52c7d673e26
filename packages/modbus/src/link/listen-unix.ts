import { chmod, link, lstat, mkdir, mkdtemp, rename, rm, rmdir, unlink } from "node:fs/promises";
import { connect, type Server } from "node:net";
import { dirname, join } from "node:path";
import { BadUrlError, NoConnectionError } from "../errors.ts";
import type { ModbusUrl } from "../url.ts";
import { reasonOf } from "./attempt.ts";
import type { Listening, ListenLinkOptions } from "./listen.ts";
import { listening, plainServer } from "./listen-socket.ts";

/** Bytes of a path that the operating system takes, on the one that takes the fewest. */
const longestPath = 103;

/**
 * Listens at a Unix socket. The socket is made in a folder that only this user can enter, gets its mode there, and is
 * then put in its place, so that nobody connects to it before its mode holds. A socket file that a process left behind
 * is replaced; one at which somebody listens, and anything that is no socket, is not touched. Of several that begin at
 * one time, one gets the place.
 */
export async function listenUnix(url: ModbusUrl, options: ListenLinkOptions): Promise<Listening> {
  const path = url.path!;
  const server = plainServer(url, options);
  try {
    const leftBehind = await expectFree(path);
    await bindAt(server, path, options.mode ?? 0o600, leftBehind);
  } catch (cause) {
    server.close();
    throw cause instanceof NoConnectionError
      ? cause
      : new NoConnectionError(`cannot listen at ${path}: ${reasonOf(cause)}`, { cause });
  }
  server.on("error", (cause) => options.onFault?.(path, cause));
  const { ino } = await lstat(path);
  let open = true;
  return {
    url,
    setTls() {
      throw new BadUrlError("modbus+unix has no TLS settings");
    },
    close: async () => {
      if (!open) return;
      open = false;
      server.close();
      // Only what this server has put there.
      const now = await lstat(path).catch(() => undefined);
      if (now?.ino === ino) await unlink(path).catch(() => undefined);
    },
  };
}

async function bindAt(server: Server, path: string, mode: number, leftBehind: number | undefined): Promise<void> {
  const folder = await mkdtemp(join(dirname(path), ".mb-"));
  try {
    const made = join(folder, "s");
    for (const one of [path, made]) {
      if (Buffer.byteLength(one) > longestPath) {
        throw new NoConnectionError(`cannot listen at ${path}: the path is too long for a Unix socket`);
      }
    }
    await listening(server, { path: made }, path);
    await chmod(made, mode);
    if (leftBehind === undefined) await put(made, path);
    else await replace(leftBehind, made, path);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** Puts `made` in the place of the socket file `leftBehind`, unless another process does so or has done so. */
async function replace(leftBehind: number, made: string, path: string): Promise<void> {
  const claim = join(dirname(path), `.mb-claim-${leftBehind}`);
  try {
    await mkdir(claim);
  } catch (error) {
    if (codeOf(error) !== "EEXIST") throw error;
    const reason = `another process is about to listen there; if there is none, remove ${claim}`;
    throw new NoConnectionError(`cannot listen at ${path}: ${reason}`, { cause: error });
  }
  try {
    if ((await lstat(path)).ino !== leftBehind) throw occupied(path);
    await rename(made, path);
  } finally {
    await rmdir(claim);
  }
}

/** Unlike a renamed file, a linked one replaces nothing. */
async function put(made: string, path: string): Promise<void> {
  try {
    await link(made, path);
  } catch (error) {
    if (codeOf(error) === "EEXIST") throw occupied(path, error);
    // A file system that cannot link sockets.
    await rename(made, path);
  }
}

function occupied(path: string, cause?: unknown): NoConnectionError {
  return new NoConnectionError(`cannot listen at ${path}: another process listens there`, { cause });
}

function codeOf(error: unknown): unknown {
  return (error as NodeJS.ErrnoException).code;
}

/** The inode of the socket file that a process left behind; undefined when nothing stands there. */
async function expectFree(path: string): Promise<number | undefined> {
  const found = await lstat(path).catch((error: unknown) => {
    if (codeOf(error) === "ENOENT") return undefined;
    throw error;
  });
  if (found === undefined) return undefined;
  if (!found.isSocket()) throw new NoConnectionError(`cannot listen at ${path}: a file that is no socket stands there`);
  if (await answers(path)) throw occupied(path);
  return found.ino;
}

/** Whether somebody listens at the socket; whatever is not a plain refusal counts as somebody. */
function answers(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ path }, () => {
      socket.destroy();
      resolve(true);
    });
    socket.on("error", (error: NodeJS.ErrnoException) => resolve(error.code !== "ECONNREFUSED"));
  });
}
