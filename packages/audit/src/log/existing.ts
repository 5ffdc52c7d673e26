import { closeSync, constants, fstatSync, openSync, readdirSync, readSync, statSync } from "node:fs";
import { systemCode } from "../error.ts";

/*
 * What may be there or not: a segment may just have been compressed, a log may just be begun. Only "there is no such
 * file" is an answer, which is also said of a folder, a pipe or a link that leads nowhere: a folder that somebody else
 * hands over may hold anything, and a pipe would never end. Any other error is thrown.
 */

const ABSENT: ReadonlySet<string> = new Set(["ENOENT", "ELOOP", "ENXIO"]);

function existing<Value>(action: () => Value): Value | undefined {
  try {
    return action();
  } catch (error) {
    if (ABSENT.has(systemCode(error))) return undefined;
    throw error;
  }
}

/** A descriptor for reading a regular file. */
export function openExisting(path: string): number | undefined {
  const fd = existing(() => openSync(path, constants.O_RDONLY | constants.O_NONBLOCK));
  if (fd === undefined || fstatSync(fd).isFile()) return fd;
  closeSync(fd);
  return undefined;
}

/** The first `most` bytes of a small file. */
export function readExisting(path: string, most: number): Buffer | undefined {
  const fd = openExisting(path);
  if (fd === undefined) return undefined;
  try {
    const bytes = Buffer.alloc(most);
    return bytes.subarray(0, readSync(fd, bytes, 0, most, 0));
  } finally {
    closeSync(fd);
  }
}

/** Length in bytes. */
export function sizeOfExisting(path: string): number | undefined {
  return existing(() => statSync(path).size);
}

/** Names in a folder; none when it does not exist. */
export function listFolder(dir: string): string[] {
  return existing(() => readdirSync(dir)) ?? [];
}
