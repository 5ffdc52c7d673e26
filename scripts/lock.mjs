// One set-up at a time in a checkout: two of them would pull node_modules away from under each other.
import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";

const RETRY_MS = 200;
const MAX_WAIT_MS = 15 * 60_000;

/** Runs `work` while holding the lock file at `path`. A lock whose process has gone is taken over. */
export async function withLock(path, onWait, work) {
  mkdirSync(dirname(path), { recursive: true });
  const deadline = Date.now() + MAX_WAIT_MS;
  for (let waited = false; !take(path); waited = true) {
    if (!waited) onWait();
    if (Date.now() > deadline) throw new Error(`another set-up still holds ${path}; remove that file if there is none`);
    await new Promise((resolve) => setTimeout(resolve, RETRY_MS));
  }
  try {
    return await work();
  } finally {
    rmSync(path, { force: true });
  }
}

function take(path) {
  try {
    writeFileSync(path, String(process.pid), { flag: "wx" });
    return true;
  } catch (error) {
    if (error.code !== "EEXIST") throw error;
  }
  if (holderIsAlive(path)) return false;
  rmSync(path, { force: true });
  return false;
}

function holderIsAlive(path) {
  try {
    process.kill(Number(readFileSync(path, "utf8")), 0);
    return true;
  } catch (error) {
    return error.code === "EPERM";
  }
}
