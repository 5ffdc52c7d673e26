import type { Approval } from "@modwarden/server";
import type { Command } from "commander";
import { createCommand, withJson } from "../frame/command.ts";
import type { Context } from "../frame/context.ts";
import { type AskedOptions, askedOf, withAsked } from "../policy/asked-options.ts";
import { type ByOptions, step, withBy } from "./options.ts";
import { approvalLines } from "./shown.ts";

interface RequestOptions extends ByOptions, AskedOptions {
  readonly for?: string;
  readonly listener?: string;
}

export function requestApproval(context: Context): Command {
  const command = createCommand("request", {
    summary: "Asks people to approve one request to a device",
    examples: [
      ["modwarden approval request --device drive --write control_word=1279 --for hmi-2", "at the site, for a client"],
      ["modwarden approval request --device drive --write control_word=1279 --identity ./me", "for yourself"],
      ["modwarden approval request --unit 3 --function 16 --address 100 --values 1,2 --for hmi-2", "raw values"],
    ],
    more: "What is approved is exactly this: these registers, these values, by this client, once, within the time that the rule gives. Where nothing needs an approval, or none would help, it says so and asks nobody.",
  });
  return withAsked(withBy(withJson(command)))
    .option("--for <ID>", "whose request it will be; with --identity it is your own")
    .option("--listener <URL>", "the listener it will come to, where a rule names some")
    .action(async (options: RequestOptions) => {
      const asked = {
        ...askedOf(options),
        ...(options.for === undefined ? {} : { for: options.for }),
        ...(options.listener === undefined ? {} : { listener: options.listener }),
      };
      const approval = await step<Approval>(options, "request", asked);
      if (options.json) context.json(approval);
      else for (const line of approvalLines(approval)) context.print(line);
    });
}
