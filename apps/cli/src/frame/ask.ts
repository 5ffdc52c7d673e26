import { createInterface } from "node:readline/promises";
import { Writable } from "node:stream";
import type { Terminal } from "./terminal.ts";

/** Asks a yes-or-no question on standard error. Anything but yes is no, the end of the input too. */
export async function askYes(terminal: Terminal, question: string): Promise<boolean> {
  const output = new Writable({
    decodeStrings: false,
    write(chunk: string, _, done) {
      terminal.stderr.write(chunk);
      done();
    },
  });
  const reader = createInterface({ input: terminal.stdin, output });
  const ended = new Promise<string>((resolve) => reader.once("close", () => resolve("")));
  try {
    const answer = await Promise.race([reader.question(`${question} [y/N] `), ended]);
    return /^y(es)?$/i.test(answer.trim());
  } finally {
    reader.close();
  }
}
