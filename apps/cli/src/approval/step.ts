import type { Approval } from "@modwarden/server";
import type { Command } from "commander";
import { createCommand, withJson } from "../frame/command.ts";
import type { Context } from "../frame/context.ts";
import { type ByOptions, step, withBy } from "./options.ts";
import { approvalLines } from "./shown.ts";

/** What is done to one approval by its id. */
export const steps = [
  ["show", "Shows one approval: what exactly, by whom, how far it is"],
  ["approve", "Says yes to what somebody wants to do"],
  ["deny", "Says no, also to what was granted and has not been done yet"],
  ["withdraw", "Takes back what you have asked for"],
] as const;

export function approvalStep(context: Context, name: (typeof steps)[number][0], summary: string): Command {
  const command = createCommand(name, {
    summary,
    examples: [
      [`modwarden approval ${name} 7Q2M4KXA`, "at the site"],
      [`modwarden approval ${name} 7Q2M4KXA --identity ./me`, "over the network, as the person who holds ./me"],
    ],
    ...(name === "approve"
      ? {
          more: "Nobody approves what they have asked for. The one at the site is one person, also where two have to agree.",
        }
      : {}),
  });
  if (name === "deny") command.option("--reason <TEXT>", "why; it stands in the record");
  return withBy(withJson(command))
    .argument("<ID>", "its id, as `approval list` shows it")
    .action(async (id: string, options: ByOptions & { readonly reason?: string }) => {
      const reason = options.reason === undefined ? {} : { reason: options.reason };
      const approval = await step<Approval>(options, name, { id, ...reason });
      if (options.json) context.json(approval);
      else for (const line of approvalLines(approval)) context.print(line);
    });
}
