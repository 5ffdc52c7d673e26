import { Context } from "./frame/context.ts";
import type { ExitCode } from "./frame/error.ts";
import { report } from "./frame/report.ts";
import type { Terminal } from "./frame/terminal.ts";
import { createProgram } from "./program.ts";

/** Runs one command line (without `node` and the script) and resolves to the exit code. Never rejects. */
export async function run(args: readonly string[], terminal: Terminal): Promise<ExitCode> {
  const context = new Context(terminal);
  try {
    const program = await createProgram(context, args);
    await program.parseAsync([...args], { from: "user" });
    return context.exitCode;
  } catch (error) {
    return report(error, context, wantsJson(args));
  }
}

/** Also where the line was not understood: who asked for JSON gets the error as JSON. */
function wantsJson(args: readonly string[]): boolean {
  const end = args.indexOf("--");
  return (end === -1 ? args : args.slice(0, end)).includes("--json");
}
