import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { nodeFs, type WriteFs } from "../log/write-fs.ts";

/** What becomes of a call: an error's code, or "short": half of it is written. */
export type Fault = "ENOSPC" | "EDQUOT" | "EIO" | "short";

/** A byte of a file: on the disk; written, not yet synced; written, and lost by a sync that failed though still read. */
const KEPT = 0;
const DIRTY = 1;
const LOST = 2;

interface File {
  states: Uint8Array;
  disk: Buffer;
}

/**
 * A file system above a disk that fails as disks do: what is written can be read at once, but is on the disk only after
 * a sync. A sync that fails forgets what it could not write: later syncs succeed without it, while reads still give it.
 * Names are durable at once. `powerCut` leaves what was on the disk.
 */
export class VolatileFs {
  /** Called before each call with its name and number; what it returns becomes of it. */
  fault: (call: keyof WriteFs, number: number) => Fault | undefined = () => undefined;
  calls = 0;
  readonly fs: WriteFs;
  readonly #files = new Map<string, File>();
  readonly #open = new Map<number, string>();

  constructor() {
    this.fs = {
      mkdirSync: ((...all: Parameters<WriteFs["mkdirSync"]>) => {
        this.#check("mkdirSync");
        return nodeFs.mkdirSync(...all);
      }) as WriteFs["mkdirSync"],
      openSync: (path, flags, mode) => {
        this.#check("openSync");
        const fd = nodeFs.openSync(path, flags, mode);
        this.#open.set(fd, String(path));
        if (flags !== "r") this.#file(String(path), flags === "w");
        return fd;
      },
      writeSync: ((fd: number, bytes: Uint8Array, at: number, length: number, position: number) => {
        const short = this.#check("writeSync") === "short";
        const written = nodeFs.writeSync(fd, bytes, at, short ? Math.ceil(length / 2) : length, position);
        const file = this.#file(this.#open.get(fd)!, false);
        const states = new Uint8Array(Math.max(file.states.length, position + written));
        states.set(file.states);
        file.states = states.fill(DIRTY, position, position + written);
        return written;
      }) as WriteFs["writeSync"],
      ftruncateSync: (fd, length) => {
        this.#check("ftruncateSync");
        nodeFs.ftruncateSync(fd, length);
        const file = this.#file(this.#open.get(fd)!, false);
        file.states = file.states.slice(0, length ?? 0);
      },
      fdatasyncSync: (fd) => this.#sync("fdatasyncSync", fd),
      fsyncSync: (fd) => this.#sync("fsyncSync", fd),
      closeSync: (fd) => {
        // A descriptor is gone whatever close says: it must not stay open here either.
        this.#open.delete(fd);
        nodeFs.closeSync(fd);
        this.#check("closeSync");
      },
      renameSync: (from, to) => {
        this.#check("renameSync");
        nodeFs.renameSync(from, to);
        this.#files.set(String(to), this.#file(String(from), false));
        this.#files.delete(String(from));
      },
      unlinkSync: (path) => {
        this.#check("unlinkSync");
        nodeFs.unlinkSync(path);
        this.#files.delete(String(path));
      },
    };
  }

  /** Every file is what was on the disk. */
  powerCut(): void {
    for (const [path, { disk }] of this.#files) if (existsSync(path)) writeFileSync(path, disk);
    this.#files.clear();
    this.#open.clear();
  }

  #check(call: keyof WriteFs): Fault | undefined {
    const fault = this.fault(call, this.calls++);
    if (fault === undefined || fault === "short") return fault;
    throw Object.assign(new Error(`${fault}: ${call}`), { code: fault });
  }

  #sync(call: "fdatasyncSync" | "fsyncSync", fd: number): void {
    const file = this.#files.get(this.#open.get(fd)!);
    try {
      this.#check(call);
    } catch (error) {
      if (file !== undefined) file.states = file.states.map((state) => (state === DIRTY ? LOST : state));
      throw error;
    }
    nodeFs[call](fd);
    if (file === undefined) return;
    const read = readFileSync(this.#open.get(fd)!);
    file.disk = Buffer.from(read.map((byte, at) => (file.states[at] === LOST ? (file.disk[at] ?? 0) : byte)));
    file.states = file.states.map((state) => (state === DIRTY ? KEPT : state));
  }

  #file(path: string, empty: boolean): File {
    const known = this.#files.get(path);
    if (known !== undefined && !empty) return known;
    const bytes = known === undefined && !empty ? readFileSync(path) : Buffer.alloc(0);
    const file = { states: new Uint8Array(bytes.length), disk: known?.disk ?? bytes };
    this.#files.set(path, file);
    return file;
  }
}
