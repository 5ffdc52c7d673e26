import type { Command } from "commander";
import { listApprovals } from "../approval/list.ts";
import { requestApproval } from "../approval/request.ts";
import { approvalStep, steps } from "../approval/step.ts";
import { createGroup } from "../frame/command.ts";
import type { Context } from "../frame/context.ts";

export function approvalCommand(context: Context): Command {
  return createGroup(
    "approval",
    {
      summary: "One request to a device that people have to approve first",
      examples: [
        ["modwarden approval request --device drive --write control_word=1279 --for hmi-2", "asks for it"],
        ["modwarden approval list --open", "what waits for somebody's yes"],
        ["modwarden approval approve 7Q2M4KXA --identity ./me", "says yes, as the person who holds ./me"],
      ],
    },
    [
      requestApproval(context),
      listApprovals(context),
      ...steps.map(([name, summary]) => approvalStep(context, name, summary)),
    ],
  );
}
