import type { Readable } from "node:stream";

/** A stream that takes text for people or programs. */
export interface TextOutput {
  readonly isTerminal: boolean;
  /** Whether colours may be used: at a terminal, unless NO_COLOR says otherwise. */
  readonly hasColour: boolean;
  write(text: string): void;
}

/** Why a command that runs until it is told to stop was told so. `EPIPE`: nobody reads its output any more. */
export type StopReason = "SIGINT" | "SIGTERM" | "SIGHUP" | "EPIPE";

/** Everything a command has of the world around it. */
export interface Terminal {
  readonly stdin: Readable;
  readonly stdout: TextOutput;
  readonly stderr: TextOutput;
  /** A person can be asked: standard input and standard error are terminals. */
  readonly isInteractive: boolean;
  /** Resolves when the command is to stop. Until it is called, a signal ends the process at once. */
  untilStopped(): Promise<StopReason>;
}
