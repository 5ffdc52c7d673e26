import { randomBytes } from "node:crypto";
import {
  closeSync,
  fsyncSync,
  linkSync,
  lstatSync,
  openSync,
  renameSync,
  rmSync,
  unlinkSync,
  writeSync,
} from "node:fs";
import { basename, dirname, join } from "node:path";
import { gzipSync } from "node:zlib";
import { CliError } from "../../frame/error.ts";
import { whyNot } from "../../frame/files.ts";

/** Taken together before they are compressed and written. */
const CHUNK_BYTES = 1024 * 1024;

/**
 * A file that appears whole or not at all: it is written beside its place under another name, for its owner alone, and
 * put there when it is finished and on disk. What is there already is never replaced. Throws ERR_FILE (exit 2) where it
 * cannot be begun, and exit 1 where the disk takes no more.
 */
export class OutputFile {
  readonly path: string;
  readonly #partial: string;
  readonly #gzip: boolean;
  readonly #fd: number;
  #waiting: Uint8Array[] = [];
  #bytes = 0;
  #open = true;

  constructor(path: string, options: { readonly gzip?: boolean } = {}) {
    this.path = path;
    this.#gzip = options.gzip === true;
    requireFree(path);
    this.#partial = partialName(path);
    try {
      this.#fd = openSync(this.#partial, "wx", 0o600);
    } catch (cause) {
      throw new CliError("ERR_FILE", `cannot write ${path}: ${whyNot(cause)}`, 2, { cause });
    }
    process.once("exit", this.#abandon);
  }

  write(data: string | Uint8Array): void {
    const bytes = typeof data === "string" ? Buffer.from(data) : data;
    this.#waiting.push(bytes);
    this.#bytes += bytes.length;
    if (this.#bytes >= CHUNK_BYTES) this.#flush();
  }

  /** Puts it in its place. */
  finish(): void {
    // An empty file that is said to be gzip has to be one.
    if (this.#bytes > 0 || this.#gzip) this.#flush();
    this.#guard(() => {
      fsyncSync(this.#fd);
      place(this.#partial, this.path);
    });
    this.#close();
  }

  /** Leaves nothing behind. */
  readonly #abandon = (): void => {
    if (!this.#open) return;
    this.#close();
    rmSync(this.#partial, { force: true });
  };

  abandon(): void {
    this.#abandon();
  }

  #flush(): void {
    const bytes = Buffer.concat(this.#waiting);
    this.#waiting = [];
    this.#bytes = 0;
    // Each chunk is a member of its own: `gzip -d` and every library read them as one.
    const packed = this.#gzip ? gzipSync(bytes) : bytes;
    this.#guard(() => {
      for (let at = 0; at < packed.length; ) at += writeSync(this.#fd, packed, at);
    });
  }

  #guard(action: () => void): void {
    try {
      action();
    } catch (cause) {
      this.#abandon();
      if (cause instanceof CliError) throw cause;
      throw new CliError("ERR_FILE", `cannot write ${this.path}: ${whyNot(cause)}`, 1, { cause });
    }
  }

  #close(): void {
    this.#open = false;
    process.removeListener("exit", this.#abandon);
    closeSync(this.#fd);
  }
}

/** Throws ERR_FILE (exit 2) when something is there. */
export function requireFree(path: string): void {
  if (lstatSync(path, { throwIfNoEntry: false }) === undefined) return;
  throw new CliError("ERR_FILE", `cannot write ${path}: it is there already, and is not overwritten`, 2);
}

/** A name beside it that nobody else uses. */
export function partialName(path: string): string {
  return join(dirname(path), `.${basename(path)}.${randomBytes(6).toString("hex")}.partial`);
}

/** Gives the finished file its name, unless something else got it meanwhile. */
function place(partial: string, path: string): void {
  try {
    linkSync(partial, path);
    unlinkSync(partial);
  } catch (error) {
    // Some file systems, those of memory sticks among them, have no links.
    const { code } = error as NodeJS.ErrnoException;
    if (code !== "EPERM" && code !== "ENOTSUP" && code !== "EOPNOTSUPP") throw error;
    requireFree(path);
    renameSync(partial, path);
  }
}
