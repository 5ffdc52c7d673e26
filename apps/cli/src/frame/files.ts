import { readFileSync, writeFileSync } from "node:fs";
import { CliError } from "./error.ts";
import type { Terminal } from "./terminal.ts";

/** Far more than a file of the project, or a registration key, ever is. */
const MOST_INPUT_CHARACTERS = 16 * 1024 * 1024;
const MOST_SECRET_CHARACTERS = 4096;

/** The text of a file that a person named; `-` is standard input. Throws ERR_FILE (exit 2). */
export async function readNamedFile(terminal: Terminal, file: string): Promise<string> {
  if (file === "-") return await readInput(terminal, MOST_INPUT_CHARACTERS);
  try {
    return readFileSync(file, "utf8");
  } catch (cause) {
    throw new CliError("ERR_FILE", `cannot read ${file}: ${whyNot(cause)}`, 2, { cause });
  }
}

/**
 * A file that is not there yet: what is there may be what somebody wrote. `mode` 0o600 is for what has records or secrets
 * in it. Throws ERR_FILE (exit 2).
 */
export function writeNewFile(file: string, text: string, mode = 0o666): void {
  try {
    writeFileSync(file, text, { flag: "wx", mode });
  } catch (cause) {
    throw new CliError("ERR_FILE", `cannot write ${file}: ${whyNot(cause)}`, 2, { cause });
  }
}

const WHY: Readonly<Record<string, string>> = {
  ENOENT: "there is no such file or folder",
  EACCES: "this user may not",
  EISDIR: "it is a folder",
  EEXIST: "it is there already, and is not overwritten",
};

/** Why the system would not: in words where they are known, since its own name the path a second time. */
export function whyNot(cause: unknown): string {
  const { code, message } = cause instanceof Error ? (cause as NodeJS.ErrnoException) : { code: "", message: "" };
  return WHY[code ?? ""] ?? message;
}

/**
 * A short secret from standard input: all of it, or at a terminal the line that is typed, without waiting for the end
 * of the input. Throws ERR_FILE (exit 2) for more than a secret.
 */
export async function readSecret(terminal: Terminal, prompt: string): Promise<string> {
  if (terminal.isInteractive) terminal.stderr.write(`${prompt}: `);
  return await readInput(terminal, MOST_SECRET_CHARACTERS, terminal.isInteractive ? "\n" : undefined);
}

/** By the stream and never by its descriptor: a pipe whose writer takes its time would be an error there (EAGAIN). */
async function readInput({ stdin }: Terminal, most: number, end?: string): Promise<string> {
  const decoder = new TextDecoder();
  let text = "";
  for await (const chunk of stdin) {
    text += decoder.decode(chunk as Uint8Array, { stream: true });
    const at = end === undefined ? -1 : text.indexOf(end);
    if (at !== -1) return text.slice(0, at);
    if (text.length > most) throw new CliError("ERR_FILE", `standard input has more than ${most} characters`, 2);
  }
  return text + decoder.decode();
}
