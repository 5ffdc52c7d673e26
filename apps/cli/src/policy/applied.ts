import type { Command } from "commander";
import type { Context } from "../frame/context.ts";

/** What was put in force. */
export interface Applied {
  readonly version: number;
  readonly hash: string;
  readonly mode: "enforce" | "shadow";
  readonly rules: number;
  readonly roles: readonly string[];
  readonly tests: "passed" | "failed" | "skipped";
  readonly previous: number | null;
  readonly of?: number;
  readonly unchanged?: true;
  readonly warnings: readonly string[];
}

export function commentOption(command: Command): Command {
  return command.option("--comment <TEXT>", "why, for whoever reads the history");
}

export function showApplied(context: Context, applied: Applied, json: boolean): void {
  for (const warning of applied.warnings) context.note(`warning: ${warning}`);
  if (json) {
    context.json(applied);
    return;
  }
  const { version, hash, mode, rules, of, tests, unchanged } = applied;
  const state = unchanged ? "is in force already" : "is in force";
  const origin = of === undefined ? "" : `, the text of version ${of}`;
  context.print(`version ${version} ${state}${origin}: policy ${hash}, mode ${mode}, ${rules} rules, tests ${tests}`);
}
