import {
  closeSync,
  existsSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  writeSync,
} from "node:fs";
import { dirname, join } from "node:path";

/** Writes a new file and makes sure it is on disk; fails when it exists. */
export function writeNewFile(file: string, content: string | Uint8Array, mode: number): void {
  const handle = openSync(file, "wx", mode);
  try {
    const bytes = typeof content === "string" ? Buffer.from(content, "utf8") : content;
    let at = 0;
    while (at < bytes.length) at += writeSync(handle, bytes, at);
    fsyncSync(handle);
  } finally {
    closeSync(handle);
  }
}

/**
 * A folder that exists with all its files or not at all: written under another name, then renamed. Mode 0700.
 * What an interrupted attempt left behind is removed.
 */
export function writeNewFolder(
  folder: string,
  files: Readonly<Record<string, { content: string; mode: number }>>,
): void {
  const unfinished = `${folder}.new`;
  rmSync(unfinished, { recursive: true, force: true });
  mkdirSync(unfinished, { mode: 0o700 });
  for (const [name, file] of Object.entries(files)) writeNewFile(join(unfinished, name), file.content, file.mode);
  syncFolder(unfinished);
  renameSync(unfinished, folder);
  syncFolder(dirname(folder));
}

/** The file's text, or undefined when there is none. */
export function readIfThere(file: string): string | undefined {
  return existsSync(file) ? readFileSync(file, "utf8") : undefined;
}

export function syncFolder(folder: string): void {
  const handle = openSync(folder, "r");
  try {
    fsyncSync(handle);
  } finally {
    closeSync(handle);
  }
}

/** The old content or the new, on disk, never half of one. */
export function replaceFile(file: string, content: string, mode: number): void {
  const unfinished = `${file}.new`;
  rmSync(unfinished, { force: true });
  writeNewFile(unfinished, content, mode);
  renameSync(unfinished, file);
  syncFolder(dirname(file));
}
