/** The `modwarden` command: one file per subcommand, and the frame they share. */
export { CliError, type ExitCode } from "./frame/error.ts";
export type { StopReason, Terminal, TextOutput } from "./frame/terminal.ts";
export { run } from "./run.ts";
