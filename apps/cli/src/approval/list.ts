import type { Approval } from "@modwarden/server";
import type { Command } from "commander";
import { createCommand, withJson } from "../frame/command.ts";
import type { Context } from "../frame/context.ts";
import { table } from "../frame/table.ts";
import { type ByOptions, step, withBy } from "./options.ts";
import { stateText } from "./shown.ts";

type Listed = readonly Approval[] | { readonly approvals: readonly Approval[]; readonly total: number };

export function listApprovals(context: Context): Command {
  const command = createCommand("list", {
    summary: "Lists approvals: those that wait, and those that have ended lately",
    examples: [
      ["modwarden approval list --open", "who waits for somebody's yes"],
      ["modwarden approval list --identity ./me", "over the network: your own, and those you could approve"],
    ],
  });
  return withBy(withJson(command))
    .option("--open", "only those that people are waited for")
    .action(async (options: ByOptions & { readonly open?: true }) => {
      const answer = await step<Listed>(options, "list", {});
      const all = "approvals" in answer ? answer.approvals : answer;
      const approvals = options.open ? all.filter(({ state }) => state === "open") : all;
      if (options.json) {
        context.json(approvals);
        return;
      }
      const rows = approvals.map((approval) => [
        approval.id,
        approval.subject.id,
        stateText(approval),
        approval.expires,
        approval.request.what,
      ]);
      for (const line of table(["ID", "WHOSE", "STATE", "UNTIL", "WHAT"], rows)) context.print(line);
      if ("total" in answer && answer.total > all.length) {
        context.note(`the newest ${all.length} of ${answer.total} are shown`);
      }
    });
}
