/** Exit codes are a contract: scripts branch on them. */
export type ExitCode = 0 | 1 | 2 | 3 | 4 | 5;

/** What a command ends with when it cannot do its work: a stable code, a sentence, and the exit code. */
export class CliError extends Error {
  readonly code: string;
  readonly exitCode: ExitCode;

  constructor(code: string, message: string, exitCode: ExitCode, options?: ErrorOptions) {
    super(message, options);
    this.name = "CliError";
    this.code = code;
    this.exitCode = exitCode;
  }
}
