import { approveWith, loadIdentity } from "@modwarden/identity";
import type { Command } from "commander";
import { createCommand, withJson } from "../frame/command.ts";
import type { Context } from "../frame/context.ts";
import { onSite, withSite } from "../site/site-option.ts";
import type { JsonOption } from "./listed.ts";

interface VerdictOptions extends JsonOption {
  readonly identity?: string;
  readonly url?: string;
}

const TEXTS = {
  approve: "Approves an enrolment that waits for a person",
  deny: "Turns down an enrolment that waits for approval, and frees its id",
} as const;

/** The administrator at the site, or anybody who may by an identity of their own, from where they are. */
export function verdictCommand(context: Context, verdict: keyof typeof TEXTS): Command {
  const command = createCommand(verdict, {
    summary: TEXTS[verdict],
    examples: [
      [`modwarden identity ${verdict} hmi-2`, "at the site"],
      [`modwarden identity ${verdict} hmi-2 --identity ./me`, "over the network, as the person who holds ./me"],
    ],
    more: "Where two people have to approve, each does it by an identity of their own, whose role the site file names under enrolment.approvers.",
  });
  return withSite(withJson(command))
    .argument("<ID>", "its id in the registry")
    .option("--identity <DIR>", "your own identity: you are recorded as the one who said so")
    .option("--url <URL>", "the enrolment endpoint, where it is not the one that your identity names")
    .action(async (id: string, options: VerdictOptions) => {
      const { identity, url } = options;
      const changed =
        identity === undefined
          ? await onSite<{ readonly id: string; readonly state: string }>(options, `identity.${verdict}`, { id })
          : await approveWith({ identity: loadIdentity(identity), id, verdict, ...(url === undefined ? {} : { url }) });
      if (options.json) context.json(changed);
      else if (changed.state === "pending")
        context.print(`${changed.id} has your approval; another person has to agree`);
      else context.print(`${changed.id} is ${changed.state}`);
    });
}
