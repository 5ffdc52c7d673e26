/** The process: its arguments, its streams, its exit code. */
import { processTerminal } from "./frame/process-terminal.ts";
import { run } from "./run.ts";

process.exitCode = await run(process.argv.slice(2), processTerminal());
