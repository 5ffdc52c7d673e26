import type { Command } from "commander";
import { createGroup } from "../frame/command.ts";
import type { Context } from "../frame/context.ts";
import { auditTailCommand } from "./audit-tail.ts";
import { auditVerifyCommand } from "./audit-verify.ts";

export function auditCommand(context: Context): Command {
  return createGroup("audit", "What happened: the record of every request", [
    auditTailCommand(context),
    auditVerifyCommand(context),
  ]);
}
