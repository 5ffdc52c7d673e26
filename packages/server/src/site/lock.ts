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
  const database = openLock(dir);
  try {
    database.exec("PRAGMA journal_mode = OFF; PRAGMA locking_mode = EXCLUSIVE; BEGIN EXCLUSIVE");
  } catch (error) {
    database.close();
    if (!isBusy(error)) throw unusable(dir, error);
    throw new SiteError(
      "ERR_SITE_LOCKED",
      `${dir} is in use by another modwarden process: stop it first, or use another data folder`,
      { cause: error },
    );
  }
  return {
    release() {
      if (database.isOpen) database.close();
    },
  };
}

function openLock(dir: string): DatabaseSync {
  try {
    mkdirSync(dir, { recursive: true, mode: 0o700 });
    chmodSync(dir, 0o700);
    const file = join(dir, "lock");
    const database = new DatabaseSync(file, { timeout: 0 });
    chmodSync(file, 0o600);
    return database;
  } catch (error) {
    throw unusable(dir, error);
  }
}

/** SQLITE_BUSY, primary code 5. */
function isBusy(error: unknown): boolean {
  return error instanceof Error && "errcode" in error && error.errcode === 5;
}

function unusable(dir: string, cause: unknown): SiteError {
  const reason = cause instanceof Error ? cause.message : String(cause);
  return new SiteError("ERR_SITE_DATA", `the data folder ${dir} cannot be used: ${reason}`, { cause });
}
