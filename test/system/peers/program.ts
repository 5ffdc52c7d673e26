/** A peer as a child process that speaks in lines. */
import { spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { onTestFinished } from "vitest";

const LINE_MS = 20_000;

export interface Program {
  readonly pid: number;
  /** Resolves to the first line from now on that `wanted` accepts; rejects when the program ends before. */
  line(wanted: (text: string) => boolean): Promise<string>;
  /** Writes a line and resolves to the next one that comes back. One at a time. */
  ask(text: string): Promise<string>;
  /** Ends it at once, as a crash would, and resolves when it is gone. */
  kill(): Promise<void>;
}

/** Starts a program that ends with its standard input, and ends it with the test at the latest. */
export function startProgram(command: string, args: readonly string[]): Program {
  const child = spawn(command, args, { stdio: ["pipe", "pipe", "pipe"] });
  const name = [command, ...args].join(" ");
  const lines: string[] = [];
  let errors = "";
  let wake: () => void = () => undefined;
  let ended: string | undefined;
  createInterface(child.stdout).on("line", (text) => {
    lines.push(text);
    wake();
  });
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    errors = (errors + text).slice(-4000);
  });
  child.stdin.on("error", () => undefined);
  const gone = new Promise<void>((resolve) => {
    child.once("error", (error) => {
      ended ??= error.message;
    });
    child.once("close", (code, signal) => {
      ended ??= `ended with ${code ?? signal}`;
      wake();
      resolve();
    });
  });

  async function line(wanted: (text: string) => boolean): Promise<string> {
    const deadline = AbortSignal.timeout(LINE_MS);
    for (;;) {
      for (let text = lines.shift(); text !== undefined; text = lines.shift()) if (wanted(text)) return text;
      if (ended !== undefined) throw new Error(`${name}: ${ended}\n${errors}`);
      if (deadline.aborted) throw new Error(`${name}: no answer in ${LINE_MS} ms\n${errors}`);
      await new Promise<void>((resolve) => {
        wake = resolve;
        deadline.addEventListener("abort", () => resolve(), { once: true });
      });
    }
  }
  async function kill(): Promise<void> {
    child.kill("SIGKILL");
    await gone;
  }

  onTestFinished(kill);
  return {
    pid: child.pid ?? 0,
    line,
    ask(text) {
      child.stdin.write(`${text}\n`);
      return line(() => true);
    },
    kill,
  };
}
