import { statSync } from "node:fs";
import type { Context } from "../frame/context.ts";
import { CliError } from "../frame/error.ts";
import { readNamedFile, readSecret } from "../frame/files.ts";

/** The registration key in the environment, for those who have no file and no standard input to give. */
export const KEY_VARIABLE = "MODWARDEN_KEY";

/** The registration key: from a file, from standard input, or from the environment. Never from an argument. */
export async function keyText(context: Context, file: string | undefined): Promise<string> {
  if (file === undefined) {
    const key = process.env[KEY_VARIABLE];
    if (key === undefined || key === "") {
      throw new CliError("ERR_USAGE", `no registration key: name its file with --key, or set ${KEY_VARIABLE}`, 2);
    }
    return key;
  }
  if (file === "-") return await readSecret(context.terminal, "Registration key");
  warnIfShared(context, file);
  return await readNamedFile(context.terminal, file);
}

function warnIfShared(context: Context, file: string): void {
  const mode = statSync(file, { throwIfNoEntry: false })?.mode ?? 0;
  if ((mode & 0o077) !== 0) context.note(`warning: ${file} can be read by others (chmod 600 ${file})`);
}
