import { chmodSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { SiteError } from "./error.ts";

/** Holds the data folder for one process. */
export interface DataLock {
  release(): void;
}

/**
 * Takes the data folder exclusively: one site, one process, one data folder. The lock is the kernel's, through
 * SQLite's exclusive transaction, so it ends with its process however that dies, and no stale lock file is ever left.
 */
export function lockData(dir: string): DataLock {
  mkdirSync(dir, { recursive: true, mode: 0o700 });
  chmodSync(dir, 0o700);
  const file = join(dir, "lock");
  const database = new DatabaseSync(file, { timeout: 0 });
  try {
    chmodSync(file, 0o600);
    database.exec("PRAGMA journal_mode = OFF; PRAGMA locking_mode = EXCLUSIVE; BEGIN EXCLUSIVE");
  } catch (error) {
    database.close();
    throw new SiteError(
      "ERR_SITE_LOCKED",
      `${dir} is in use by another modwarden process: stop it first, or use another data folder`,
      {
        cause: error,
      },
    );
  }
  return {
    release() {
      if (database.isOpen) database.close();
    },
  };
}
