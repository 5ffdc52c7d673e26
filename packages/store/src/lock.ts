import { chmodSync } from "node:fs";
import { DatabaseSync } from "node:sqlite";

/** Holds a file for one process, and for one holder in it. */
export interface FileLock {
  release(): void;
}

/**
 * Takes `file` exclusively, making it (0600) where there is none; undefined when somebody else has it. The lock is the
 * kernel's, through SQLite's exclusive transaction, so it ends with its process however that dies, and no stale lock is
 * ever left. Nothing is written into the file. Throws what the file system says
 */
export function lockFile(file: string): FileLock | undefined {
  const database = new DatabaseSync(file, { timeout: 0 });
  try {
    chmodSync(file, 0o600);
    database.exec("PRAGMA journal_mode = OFF; PRAGMA locking_mode = EXCLUSIVE; BEGIN EXCLUSIVE");
  } catch (error) {
    database.close();
    if (isBusy(error)) return undefined;
    throw error;
  }
  return {
    release() {
      if (database.isOpen) database.close();
    },
  };
}

/** SQLITE_BUSY, primary code 5. */
function isBusy(error: unknown): boolean {
  return error instanceof Error && "errcode" in error && error.errcode === 5;
}
