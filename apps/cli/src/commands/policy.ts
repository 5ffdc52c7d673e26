import type { Command } from "commander";
import { createGroup } from "../frame/command.ts";
import type { Context } from "../frame/context.ts";
import { policyExplainCommand } from "./policy-explain.ts";
import { policyTestCommand } from "./policy-test.ts";

export function policyCommand(context: Context): Command {
  return createGroup("policy", "Who may do what, and why", [policyTestCommand(context), policyExplainCommand(context)]);
}
