import { writeSync } from "node:fs";
import type { WriteStream } from "node:tty";
import { styleText } from "node:util";
import type { StopReason, Terminal, TextOutput } from "./terminal.ts";

/** A shell reports a process that died of SIGINT so. */
const INTERRUPTED = 130;
/** Several processes of one terminal pass the same Ctrl-C on; a person presses it again later than that. */
const SAME_KEY_MS = 1000;

/** The process's own streams and signals. Call it once. */
export function processTerminal(): Terminal {
  const stops = new Stops();
  process.stdout.on("error", (error: NodeJS.ErrnoException) => stops.outputFailed(error));
  process.stderr.on("error", (error: NodeJS.ErrnoException) => stops.outputFailed(error));
  process.on("SIGINT", () => stops.interrupted());
  return {
    stdin: process.stdin,
    stdout: output(process.stdout),
    stderr: output(process.stderr),
    isInteractive: process.stdin.isTTY === true && process.stderr.isTTY === true,
    untilStopped: () => stops.wait(),
  };
}

function output(stream: WriteStream): TextOutput {
  // `styleText` knows NO_COLOR, FORCE_COLOR and what is no terminal.
  const hasColour = styleText("red", "x", { stream, validateStream: true }) !== "x";
  return {
    isTerminal: stream.isTTY === true,
    hasColour,
    write: (text) => {
      stream.write(text);
    },
  };
}

/** Half a result is none: a script must not take it for one. */
function unwritable(error: Error): never {
  try {
    writeSync(process.stderr.fd, `cannot write the output: ${error.message}\n`);
  } catch {
    // It is standard error that cannot be written: the exit code has to say it.
  }
  process.exit(1);
}

class Stops {
  #resolve: ((reason: StopReason) => void) | undefined;
  #stoppedAt: number | undefined;

  wait(): Promise<StopReason> {
    return new Promise((resolve) => {
      this.#resolve = resolve;
      for (const signal of ["SIGTERM", "SIGHUP"] as const) process.on(signal, () => this.#stop(signal));
    });
  }

  interrupted(): void {
    if (this.#resolve === undefined) process.exit(INTERRUPTED);
    // Whoever presses again does not want to wait for a clean end.
    if (this.#stoppedAt !== undefined && performance.now() - this.#stoppedAt > SAME_KEY_MS) process.exit(INTERRUPTED);
    this.#stop("SIGINT");
  }

  /** `modwarden … | head` is no failure: the reader has seen enough. */
  outputFailed(error: NodeJS.ErrnoException): void {
    if (error.code !== "EPIPE") unwritable(error);
    if (this.#resolve === undefined) process.exit(0);
    this.#stop("EPIPE");
  }

  #stop(reason: StopReason): void {
    this.#stoppedAt ??= performance.now();
    this.#resolve?.(reason);
  }
}
