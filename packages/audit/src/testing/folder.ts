import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { afterEach } from "vitest";

/** A folder of its own for each call, removed after the test. */
export function temporaryFolder(): string {
  const folder = mkdtempSync(`${tmpdir()}/modwarden-audit-`);
  folders.push(folder);
  return folder;
}

const folders: string[] = [];

afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true });
});
