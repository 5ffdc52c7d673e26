import { Command } from "commander";
import type { Context } from "./context.ts";
import { type Example, examplesText, wrapped } from "./help.ts";

/** Makes one subcommand. Adding one: a file under commands/, and a line in commands.ts. */
export type CommandFactory = (context: Context) => Command;

export interface CommandText {
  /** One line: what it does. */
  readonly summary: string;
  /** Command lines that work, each with what it does; help opens with them. */
  readonly examples: readonly Example[];
  /** What a person should know beyond the options. */
  readonly more?: string;
}

/** A command whose help opens with examples. */
export function createCommand(name: string, { summary, examples, more }: CommandText): Command {
  const command = new Command(name)
    .description(summary)
    .addHelpText("before", examplesText(examples))
    .helpOption("-h, --help", "show this help");
  if (more !== undefined) command.addHelpText("after", `\n${wrapped(more)}`);
  return command;
}

/** A group such as `policy`, whose subcommands do the work. */
export function createGroup(name: string, text: CommandText, subcommands: readonly Command[]): Command {
  const group = createCommand(name, text);
  for (const subcommand of subcommands) group.addCommand(subcommand);
  return group;
}

/** `--json`, on every command that prints data. */
export function withJson(command: Command): Command {
  return command.option("--json", "one compact line of JSON for each document");
}
