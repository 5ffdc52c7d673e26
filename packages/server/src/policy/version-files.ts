import { mkdir, open, readdir, readFile, rename, rm } from "node:fs/promises";
import { join } from "node:path";

/** The files of one folder. What is created or replaced is on disk, with its name, when the promise is kept. */
export interface VersionFiles {
  names(): Promise<readonly string[]>;
  /** Undefined where there is none. */
  read(name: string): Promise<string | undefined>;
  /** Fails where there is one already. */
  create(name: string, text: string): Promise<void>;
  /** The old content or the new, never half of one. */
  replace(name: string, text: string): Promise<void>;
  remove(name: string): Promise<void>;
}

/** Files of `folder`, made with mode 0600 in a folder of mode 0700. */
export function versionFiles(folder: string): VersionFiles {
  return {
    async names() {
      try {
        return await readdir(folder);
      } catch (error) {
        if (isMissing(error)) return [];
        throw error;
      }
    },
    async read(name) {
      try {
        return await readFile(join(folder, name), "utf8");
      } catch (error) {
        if (isMissing(error)) return undefined;
        throw error;
      }
    },
    async create(name, text) {
      if ((await mkdir(folder, { recursive: true, mode: 0o700 })) !== undefined) await sync(join(folder, ".."));
      await write(join(folder, name), text, "wx");
      await sync(folder);
    },
    async replace(name, text) {
      await write(join(folder, `${name}.new`), text, "w");
      await rename(join(folder, `${name}.new`), join(folder, name));
      await sync(folder);
    },
    async remove(name) {
      await rm(join(folder, name), { force: true });
    },
  };
}

async function write(path: string, text: string, flags: "w" | "wx"): Promise<void> {
  const handle = await open(path, flags, 0o600);
  try {
    await handle.writeFile(text, "utf8");
    await handle.sync();
  } finally {
    await handle.close();
  }
}

async function sync(folder: string): Promise<void> {
  const handle = await open(folder, "r");
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

function isMissing(error: unknown): boolean {
  return error instanceof Error && "code" in error && error.code === "ENOENT";
}
