import { ExceptionResponseError, exceptionName } from "@modwarden/protocol";
import { CommanderError } from "commander";
import type { Context } from "./context.ts";
import type { ExitCode } from "./error.ts";
import { codeOf, exitCodeOf, takenAddress } from "./exit-code.ts";

/** Wrong usage, as scripts see it. */
const USAGE_ERROR = "ERR_USAGE";

const ILLEGAL_FUNCTION = 1;

/** On the wire a refusal has no reason: a person at the client has to know where it is. */
const REFUSED = "A gateway refuses in this way, too: `modwarden audit tail` at its site shows the reason.";

/**
 * Tells what went wrong: a sentence on stderr and, for `--json`, the same in one document on stdout. Returns the exit
 * code. Help and version that were asked for come this way too and are no errors.
 */
export function report(error: unknown, context: Context, json: boolean): ExitCode {
  if (error instanceof CommanderError) return reportUsage(error, context, json);
  if (json) context.json({ error: errorDocument(error) });
  context.note(sentenceOf(error));
  if (!json && error instanceof ExceptionResponseError && error.exception === ILLEGAL_FUNCTION) context.note(REFUSED);
  return exitCodeOf(error);
}

function reportUsage(error: CommanderError, context: Context, json: boolean): ExitCode {
  if (error.exitCode === 0) return 0;
  // Help that stands in for a missing subcommand has no sentence of its own.
  const message = error.code === "commander.help" ? "a subcommand is missing" : withoutPrefix(error.message);
  if (json) context.json({ error: { code: USAGE_ERROR, message } });
  context.note(message);
  return 2;
}

function errorDocument(error: unknown): object {
  if (error instanceof ExceptionResponseError) {
    return { code: error.code, exception: error.exception, name: exceptionName(error.exception) };
  }
  const correlation = correlationOf(error);
  const message = sentenceOf(error);
  return { code: codeOf(error), message, ...(correlation === undefined ? {} : { correlation }) };
}

/** The stack of an unexpected error helps whoever looks for the defect. */
function sentenceOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const taken = takenAddress(error);
  if (taken !== undefined) return `${taken} is taken: stop what listens there, or choose another`;
  if (codeOf(error) === "ERR_INTERNAL") return error.stack ?? error.message;
  const correlation = correlationOf(error);
  return correlation === undefined ? error.message : `${error.message} (correlation code ${correlation})`;
}

/** What leads from a refusal to its reason in the site's log. */
function correlationOf(error: unknown): string | undefined {
  const correlation: unknown = error instanceof Error && "correlation" in error ? error.correlation : undefined;
  return typeof correlation === "string" ? correlation : undefined;
}

function withoutPrefix(message: string): string {
  return message.replace(/^error: /, "");
}
