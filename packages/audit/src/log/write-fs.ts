import * as fs from "node:fs";
import { systemCode } from "../error.ts";

/** The calls by which the log writes; passed in, so that a failing disk can be tried. All are those of `node:fs`. */
export type WriteFs = Pick<
  typeof fs,
  | "mkdirSync"
  | "openSync"
  | "writeSync"
  | "ftruncateSync"
  | "fdatasyncSync"
  | "fsyncSync"
  | "closeSync"
  | "renameSync"
  | "unlinkSync"
>;

export const nodeFs: WriteFs = fs;

/** After these nothing is lost but room: what was written can be taken back, and a later attempt may succeed. */
const OUT_OF_ROOM: ReadonlySet<string> = new Set(["ENOSPC", "EDQUOT"]);

export function isOutOfRoom(error: unknown): boolean {
  return OUT_OF_ROOM.has(systemCode(error));
}

/** Writes all of `bytes` at `position`; a short write is gone on with. */
export function writeAll(write: WriteFs, fd: number, bytes: Uint8Array, position: number): void {
  for (let at = 0; at < bytes.length; ) at += write.writeSync(fd, bytes, at, bytes.length - at, position + at);
}

/** Makes names (created, renamed, removed) in `folder` durable. */
export function syncFolder(write: WriteFs, folder: string): void {
  const fd = write.openSync(folder, "r");
  try {
    write.fsyncSync(fd);
  } finally {
    write.closeSync(fd);
  }
}

/**
 * A link or a pipe that somebody has put under a name of the log's is an error: what it leads to must not be
 * overwritten, and a pipe would hold up the thread that writes.
 */
export const OWN_FILE: number =
  fs.constants.O_WRONLY | fs.constants.O_CREAT | fs.constants.O_NOFOLLOW | fs.constants.O_NONBLOCK;

/** A whole small file, durable under its name or not there at all. */
export function writeFileDurably(write: WriteFs, folder: string, name: string, bytes: Uint8Array, mode: number): void {
  const fd = write.openSync(`${folder}/${name}.tmp`, OWN_FILE | fs.constants.O_TRUNC, mode);
  try {
    writeAll(write, fd, bytes, 0);
    write.fsyncSync(fd);
  } finally {
    write.closeSync(fd);
  }
  write.renameSync(`${folder}/${name}.tmp`, `${folder}/${name}`);
  syncFolder(write, folder);
}
