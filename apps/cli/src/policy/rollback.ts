import type { Command } from "commander";
import { createCommand, withJson } from "../frame/command.ts";
import type { Context } from "../frame/context.ts";
import { wholeNumber } from "../frame/options.ts";
import { onSite, type SiteOption, withSite } from "../site/site-option.ts";
import { type Applied, commentOption, showApplied } from "./applied.ts";

interface RollbackOptions extends SiteOption {
  readonly comment?: string;
  readonly json?: true;
}

export function policyRollbackCommand(context: Context): Command {
  const command = createCommand("rollback", {
    summary: "Puts an earlier version of the policy in force again, at once where the site runs",
    examples: [
      ["modwarden policy rollback", "to what was in force before"],
      ["modwarden policy rollback 4", "to version 4 of `modwarden policy history`"],
    ],
    more:
      "The old text becomes a new version: numbers never go back. It stays in force after a restart, until the policy " +
      "file is changed or another one is applied. Its tests are not run again.",
  });
  withSite(withJson(commentOption(command)));
  return command
    .argument("[VERSION]", "the version (default: the last one that was another)", wholeNumber(1, 999_999_999))
    .action(async (version: number | undefined, options: RollbackOptions) => {
      const { comment, json } = options;
      const applied = await onSite<Applied>(options, "policy.rollback", {
        ...(version === undefined ? {} : { version }),
        ...(comment === undefined ? {} : { comment }),
      });
      showApplied(context, applied, json === true);
    });
}
