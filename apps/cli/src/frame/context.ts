import { styleText } from "node:util";
import type { ExitCode } from "./error.ts";
import { toJsonLine } from "./json.ts";
import type { Terminal, TextOutput } from "./terminal.ts";

export type Colour = "bold" | "dim" | "red" | "green" | "yellow";

/** What every command works with. */
export class Context {
  readonly terminal: Terminal;
  #exitCode: ExitCode = 0;

  constructor(terminal: Terminal) {
    this.terminal = terminal;
  }

  /** What the command will end with when it throws nothing. */
  get exitCode(): ExitCode {
    return this.#exitCode;
  }

  /** Ends without an error all the same with this exit code: a test that failed, a log that is damaged. */
  endWith(code: ExitCode): void {
    this.#exitCode = code;
  }

  /** A line of the result. */
  print(line: string): void {
    this.terminal.stdout.write(`${line}\n`);
  }

  /** One document of the result. */
  json(document: unknown): void {
    this.terminal.stdout.write(toJsonLine(document));
  }

  /** A line that is not the result: progress, warnings. */
  note(line: string): void {
    this.terminal.stderr.write(`${line}\n`);
  }

  /** Coloured for stdout, where that shows colours. */
  paint(colour: Colour, text: string): string {
    return painted(this.terminal.stdout, colour, text);
  }
}

function painted(output: TextOutput, colour: Colour, text: string): string {
  return output.hasColour ? styleText(colour, text, { validateStream: false }) : text;
}
