import { Command } from "commander";
import { commands } from "./commands.ts";
import type { Context } from "./frame/context.ts";
import { type Example, examplesText } from "./frame/help.ts";
import { version } from "./frame/version.ts";

const examples: readonly Example[] = [
  ["modwarden demo", "a whole site on this machine, to look at"],
  ["modwarden sim memory", "a device that is plain memory"],
  ["modwarden read modbus+tcp://127.0.0.1:5020 holding 0-9", "ten registers of it, from another terminal"],
  ["modwarden decode 00010000000601030000000a", "one frame, field by field"],
];

/**
 * The command line, with the subcommand that `args` call, or with all where they call none (help, a wrong word).
 * What commander writes goes through the context's terminal, and it never ends the process.
 */
export async function createProgram(context: Context, args: readonly string[]): Promise<Command> {
  const program = new Command("modwarden")
    .description("Makes Modbus safe to live with: identity, policy per point, evidence of every request.")
    .version(version, "-V, --version", "show the version")
    .helpOption("-h, --help", "show this help")
    .addHelpText("before", examplesText(examples))
    // What stands behind a subcommand is that one's: `enrol renew DIR --json` is not for `enrol`.
    .enablePositionalOptions();
  const called = args[0] !== undefined && Object.hasOwn(commands, args[0]) ? commands[args[0]] : undefined;
  for (const load of called === undefined ? Object.values(commands) : [called]) {
    program.addCommand((await load())(context));
  }
  frame(program, context);
  return program;
}

function frame(command: Command, context: Context): void {
  const { stdout, stderr } = context.terminal;
  command
    .exitOverride()
    .showSuggestionAfterError()
    // A list of names has room for what they do; each one's own help shows its arguments.
    .configureHelp({ subcommandTerm: (subcommand) => subcommand.name() })
    .configureOutput({
      writeOut: (text) => stdout.write(text),
      writeErr: (text) => stderr.write(text),
      // The sentence of an error is written once, where errors are reported.
      outputError: () => undefined,
      getOutHasColors: () => stdout.hasColour,
      getErrHasColors: () => stderr.hasColour,
    });
  for (const subcommand of command.commands) frame(subcommand, context);
}
