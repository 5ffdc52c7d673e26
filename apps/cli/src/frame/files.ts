import { readFileSync } from "node:fs";
import { CliError } from "./error.ts";

/** The text of a file that a person named; `-` is standard input. Throws ERR_FILE (exit 2). */
export function readNamedFile(file: string): string {
  try {
    return readFileSync(file === "-" ? 0 : file, "utf8");
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new CliError("ERR_FILE", `cannot read ${file === "-" ? "standard input" : file}: ${why}`, 2, { cause });
  }
}
