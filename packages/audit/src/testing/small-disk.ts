import { execFileSync } from "node:child_process";
import { mkdtempSync, rmdirSync } from "node:fs";
import { tmpdir } from "node:os";

export interface SmallDisk {
  readonly folder: string;
  remove(): void;
}

/** A file system of 1 MiB that really fills up. A sentence when it cannot be had here: it takes root on Linux. */
export function smallDisk(): SmallDisk | string {
  if (process.platform !== "linux" || process.getuid?.() !== 0) return "a full disk is tried only as root on Linux";
  const folder = mkdtempSync(`${tmpdir()}/modwarden-disk-`);
  try {
    execFileSync("mount", ["-t", "tmpfs", "-o", "size=1m,mode=0700", "tmpfs", folder], { stdio: "pipe" });
  } catch (error) {
    rmdirSync(folder);
    return `no small disk can be mounted here: ${String(error)}`;
  }
  return {
    folder,
    remove: () => {
      execFileSync("umount", [folder]);
      rmdirSync(folder);
    },
  };
}
