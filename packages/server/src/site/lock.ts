import { chmodSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import { type FileLock, lockFile } from "@modwarden/store";
import { SiteError } from "./error.ts";

/** Takes the data folder exclusively: one site, one process, one data folder. Errors: ERR_SITE_LOCKED, ERR_SITE_DATA */
export function lockData(dir: string): FileLock {
  const lock = takeLock(dir);
  if (lock !== undefined) return lock;
  throw new SiteError(
    "ERR_SITE_LOCKED",
    `${dir} is in use by another modwarden process: stop it first, or use another data folder`,
  );
}

function takeLock(dir: string): FileLock | undefined {
  try {
    mkdirSync(dir, { recursive: true, mode: 0o700 });
    chmodSync(dir, 0o700);
    return lockFile(join(dir, "lock"));
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new SiteError("ERR_SITE_DATA", `the data folder ${dir} cannot be used: ${reason}`, { cause });
  }
}
