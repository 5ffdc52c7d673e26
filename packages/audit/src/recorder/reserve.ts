import { randomFillSync } from "node:crypto";
import { statfsSync } from "node:fs";
import { dirname } from "node:path";
import { asAuditError } from "../log/append-file.ts";
import { sizeOfExisting } from "../log/existing.ts";
import { isOutOfRoom, nodeFs, type WriteFs, writeAll } from "../log/write-fs.ts";

const PIECE_BYTES = 1024 * 1024;
/** The reserve is made again only where as much is free beside it: else the next record would need it at once. */
const ROOM_BESIDE = 2;

/**
 * Room that is kept for a full disk: a file that is really written, with bytes that no file system can make smaller.
 * It is given up when the log finds no room, so that what was refused and lost meanwhile can still be recorded.
 */
export class Reserve {
  readonly bytes: number;
  readonly #path: string;
  readonly #write: WriteFs;

  /** `path` is on the log's file system. */
  constructor(path: string, bytes: number, write: WriteFs = nodeFs) {
    this.#path = path;
    this.bytes = bytes;
    this.#write = write;
  }

  get held(): boolean {
    return (sizeOfExisting(this.#path) ?? 0) >= this.bytes;
  }

  /** Bytes that are free on the disk, for those who are not its administrator. */
  get free(): number {
    return guarded(() => {
      const { bavail, bsize } = statfsSync(dirname(this.#path));
      return bavail * bsize;
    });
  }

  /** Gives the room up. Errors: those of `asAuditError`. False: it was given up before. */
  release(): boolean {
    if (sizeOfExisting(this.#path) === undefined) return false;
    guarded(() => this.#write.unlinkSync(this.#path));
    return true;
  }

  /** Takes a piece of the room again, so that nobody waits for it long. True when all of it is held. */
  restore(): boolean {
    const held = sizeOfExisting(this.#path) ?? 0;
    if (held >= this.bytes) return true;
    if (this.free < ROOM_BESIDE * (this.bytes - held)) return false;
    try {
      return this.#extend(held);
    } catch (error) {
      this.release();
      if (!isOutOfRoom(error)) throw asAuditError(error, `keeping ${this.#path}`);
      return false;
    }
  }

  #extend(held: number): boolean {
    const piece = randomFillSync(Buffer.alloc(Math.min(PIECE_BYTES, this.bytes - held)));
    const fd = this.#write.openSync(this.#path, "a", 0o600);
    try {
      writeAll(this.#write, fd, piece, held);
      this.#write.fsyncSync(fd);
    } finally {
      this.#write.closeSync(fd);
    }
    return held + piece.length >= this.bytes;
  }
}

function guarded<Value>(action: () => Value): Value {
  try {
    return action();
  } catch (error) {
    throw asAuditError(error, "looking after the reserve");
  }
}
