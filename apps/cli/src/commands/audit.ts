import type { Command } from "commander";
import { createGroup } from "../frame/command.ts";
import type { Context } from "../frame/context.ts";
import { auditBlameCommand } from "./audit-blame.ts";
import { auditExportCommand } from "./audit-export.ts";
import { auditHoldCommand } from "./audit-hold.ts";
import { auditProveCommand } from "./audit-prove.ts";
import { auditReindexCommand } from "./audit-reindex.ts";
import { auditSearchCommand } from "./audit-search.ts";
import { auditStateCommand } from "./audit-state.ts";
import { auditTailCommand } from "./audit-tail.ts";
import { auditVerifyCommand } from "./audit-verify.ts";

export function auditCommand(context: Context): Command {
  return createGroup(
    "audit",
    {
      summary: "What happened: the record of every request",
      examples: [
        ["modwarden audit tail --follow", "the records of ./site.yaml as they are written"],
        ["modwarden audit search --subject hmi-2 --from today", "what somebody did"],
        ["modwarden audit verify", "recomputes the whole log; the site may be running"],
      ],
    },
    [
      auditTailCommand(context),
      auditSearchCommand(context),
      auditBlameCommand(context),
      auditStateCommand(context),
      auditVerifyCommand(context),
      auditProveCommand(context),
      auditExportCommand(context),
      auditReindexCommand(context),
      auditHoldCommand(context),
    ],
  );
}
