/** The process: its arguments, its streams, its exit code. */
import { holdLifeline } from "./frame/lifeline.ts";
import { processTerminal } from "./frame/process-terminal.ts";
import { run } from "./run.ts";

holdLifeline();
process.exitCode = await run(process.argv.slice(2), processTerminal());
