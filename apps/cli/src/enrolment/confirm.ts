import type { Command } from "commander";
import { createCommand, withJson } from "../frame/command.ts";
import type { Context } from "../frame/context.ts";
import { readNamedFile } from "../frame/files.ts";
import { onSite, type SiteOption, withSite } from "../site/site-option.ts";

interface Confirmed {
  readonly id: string;
  readonly role: string | null;
  readonly state: string;
}

export function confirmCommand(context: Context): Command {
  const command = createCommand("confirm", {
    summary: "Takes at the site the confirmation that a device behind an air gap gave",
    examples: [["modwarden enrol confirm pump-7.confirmation", "it is active from now on"]],
  });
  return withSite(withJson(command))
    .argument("<FILE>", "the text that `enrol accept` gave; - is standard input")
    .action(async (file: string, options: SiteOption & { readonly json?: true }) => {
      const confirmation = (await readNamedFile(context.terminal, file)).trim();
      const confirmed = await onSite<Confirmed>(options, "enrolment.confirm", { confirmation });
      if (options.json) context.json(confirmed);
      else
        context.print(`${confirmed.id} is ${confirmed.state}${confirmed.role === null ? "" : ` as ${confirmed.role}`}`);
    });
}
