import type { Command } from "commander";
import { createGroup } from "../frame/command.ts";
import type { Context } from "../frame/context.ts";
import { policyApplyCommand } from "../policy/apply.ts";
import { policyDiffCommand } from "../policy/diff.ts";
import { policyHistoryCommand } from "../policy/history.ts";
import { policyLintCommand } from "../policy/lint.ts";
import { policyRollbackCommand } from "../policy/rollback.ts";
import { policyExplainCommand } from "./policy-explain.ts";
import { policyExportCommand } from "./policy-export.ts";
import { policyLearnCommand } from "./policy-learn.ts";
import { policyReplayCommand } from "./policy-replay.ts";
import { policyTemplateCommand } from "./policy-template.ts";
import { policyTestCommand } from "./policy-test.ts";

export function policyCommand(context: Context): Command {
  return createGroup(
    "policy",
    {
      summary: "Who may do what, and why",
      examples: [
        ["modwarden policy test policy.yaml", "runs the tests that stand in the file"],
        ["modwarden policy lint", "rules that never count, or permit too much"],
        ["modwarden policy diff policy.yaml new.yaml", "what one permits and the other does not"],
        ["modwarden policy export --format markdown", "who may do what, as a table"],
        ["modwarden policy explain --as Operator --unit 3 --write setpoint=90", "what is decided of one request"],
        ["modwarden policy learn --from data/audit --out policy.yaml", "proposes one from what was seen"],
        ["modwarden policy replay --policy policy.yaml --from data/audit", "tries one on the past"],
      ],
    },
    [
      policyTestCommand(context),
      policyExplainCommand(context),
      policyLintCommand(context),
      policyDiffCommand(context),
      policyExportCommand(context),
      policyTemplateCommand(context),
      policyApplyCommand(context),
      policyRollbackCommand(context),
      policyHistoryCommand(context),
      policyLearnCommand(context),
      policyReplayCommand(context),
    ],
  );
}
