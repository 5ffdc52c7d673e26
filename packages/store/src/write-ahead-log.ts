import { type FileHandle, open } from "node:fs/promises";

/**
 * The write-ahead log of an open database, as a file that is synced outside of SQLite. SQLite's locks are on the
 * database and its index, so that closing this one gives up none. https://sqlite.org/lockingv3.html
 */
export class WriteAheadLog {
  readonly #file: string;
  #handle: FileHandle | undefined;

  /** `database`: the path of its file. */
  constructor(database: string) {
    this.#file = `${database}-wal`;
  }

  async sync(): Promise<void> {
    // It keeps its place on the disk from the first commit until the database is closed.
    this.#handle ??= await open(this.#file, "r+");
    await this.#handle.datasync();
  }

  async close(): Promise<void> {
    await this.#handle?.close();
    this.#handle = undefined;
  }
}
