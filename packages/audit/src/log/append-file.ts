import { closeSync, openSync, readSync } from "node:fs";
import { AuditError } from "../error.ts";
import { isOutOfRoom, OWN_FILE, type WriteFs, writeAll } from "./write-fs.ts";

const CHUNK_BYTES = 256 * 1024;

/** An operating-system error as the log's own: out of room can pass, anything else is the end. */
export function asAuditError(error: unknown, doing: string): AuditError {
  if (error instanceof AuditError) return error;
  return isOutOfRoom(error)
    ? new AuditError("ERR_AUDIT_FULL", `no room while ${doing}: free some space on the audit log's disk`, {
        cause: error,
      })
    : new AuditError("ERR_AUDIT_FAILED", `the audit log failed while ${doing}: check its disk, then start again`, {
        cause: error,
      });
}

/** A file that only grows, whole pieces at a time: a piece that could not be written whole is taken back. */
export class AppendFile {
  readonly path: string;
  readonly #write: WriteFs;
  readonly #fd: number;
  #length: number;

  /**
   * Whatever the file holds behind `length` is cut off. What stands from `unsure` on is written anew, so that the next
   * sync really keeps it: it may be there to be read only because the system has not yet forgotten pages that a sync
   * before could not write.
   */
  constructor(write: WriteFs, path: string, length: number, unsure: number = length) {
    this.path = path;
    this.#write = write;
    this.#length = length;
    this.#fd = write.openSync(path, OWN_FILE, 0o600);
    try {
      write.ftruncateSync(this.#fd, length);
      this.#writeAnew(unsure);
    } catch (error) {
      write.closeSync(this.#fd);
      throw error;
    }
  }

  get length(): number {
    return this.#length;
  }

  /** Throws `ERR_AUDIT_FULL` (the file is as it was) or `ERR_AUDIT_FAILED`. Not durable before `sync`. */
  append(bytes: Uint8Array): void {
    try {
      writeAll(this.#write, this.#fd, bytes, this.#length);
    } catch (error) {
      this.#takeBack();
      throw asAuditError(error, `writing ${this.path}`);
    }
    this.#length += bytes.length;
  }

  /**
   * A failed sync is final: the system may have dropped the pages it could not write, and a second sync would
   * succeed without them.
   */
  sync(): void {
    try {
      this.#write.fdatasyncSync(this.#fd);
    } catch (cause) {
      throw new AuditError("ERR_AUDIT_FAILED", `the audit log's disk could not keep ${this.path}`, { cause });
    }
  }

  close(): void {
    this.#write.closeSync(this.#fd);
  }

  #writeAnew(from: number): void {
    if (from === this.#length) return;
    const chunk = Buffer.alloc(Math.min(this.#length - from, CHUNK_BYTES));
    const fd = openSync(this.path, "r");
    try {
      for (let at = from; at < this.#length; ) {
        const got = readSync(fd, chunk, 0, Math.min(chunk.length, this.#length - at), at);
        if (got === 0) break;
        writeAll(this.#write, this.#fd, chunk.subarray(0, got), at);
        at += got;
      }
    } finally {
      closeSync(fd);
    }
  }

  #takeBack(): void {
    try {
      this.#write.ftruncateSync(this.#fd, this.#length);
    } catch (cause) {
      throw new AuditError("ERR_AUDIT_FAILED", `an unfinished piece of ${this.path} could not be taken back`, {
        cause,
      });
    }
  }
}
