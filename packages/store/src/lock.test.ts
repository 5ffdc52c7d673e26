import { mkdtempSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it } from "vitest";
import { lockFile } from "./lock.ts";

it("is held once, and free again when it is released", () => {
  const dir = mkdtempSync(join(tmpdir(), "modwarden-lock-"));
  try {
    const file = join(dir, "lock");
    const lock = lockFile(file);
    expect(lock).toBeDefined();
    expect(statSync(file).mode & 0o777).toBe(0o600);
    expect(statSync(file).size).toBe(0);
    expect(lockFile(file)).toBeUndefined();
    lock?.release();
    lock?.release();
    const again = lockFile(file);
    expect(again).toBeDefined();
    again?.release();
    expect(() => lockFile(join(dir, "none", "lock"))).toThrow();
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
});
