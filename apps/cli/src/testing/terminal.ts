import { Readable } from "node:stream";
import type { StopReason, Terminal } from "../frame/terminal.ts";
import { run } from "../run.ts";

interface TestTerminal extends Terminal {
  readonly written: { stdout: string; stderr: string };
  stop(reason: StopReason): void;
}

/** A terminal in memory. With `typed` it is one that a person sits at, who types that. */
function testTerminal(options: { readonly input?: string; readonly typed?: string } = {}): TestTerminal {
  const written = { stdout: "", stderr: "" };
  const { promise, resolve } = Promise.withResolvers<StopReason>();
  const output = (name: "stdout" | "stderr") => ({
    isTerminal: false,
    hasColour: false,
    write: (text: string) => {
      written[name] += text;
    },
  });
  return {
    written,
    stdin: Readable.from([Buffer.from(options.typed ?? options.input ?? "")]),
    stdout: output("stdout"),
    stderr: output("stderr"),
    isInteractive: options.typed !== undefined,
    untilStopped: () => promise,
    stop: resolve,
  };
}

export interface Ran {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
  /** Every line of stdout, parsed. */
  readonly json: readonly unknown[];
}

/** Runs one command line in this process. */
export async function runHere(
  args: readonly string[],
  options: { readonly input?: string; readonly typed?: string } = {},
): Promise<Ran> {
  const terminal = testTerminal(options);
  const code = await run(args, terminal);
  const { stdout, stderr } = terminal.written;
  return {
    code,
    stdout,
    stderr,
    get json() {
      return stdout
        .split("\n")
        .filter((line) => line !== "")
        .map((line) => JSON.parse(line) as unknown);
    },
  };
}
