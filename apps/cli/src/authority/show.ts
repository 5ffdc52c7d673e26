import type { AuthorityStatus } from "@modwarden/identity";
import type { Command } from "commander";
import { createCommand, withJson } from "../frame/command.ts";
import type { Context } from "../frame/context.ts";
import { onSite, type SiteOption, withSite } from "../site/site-option.ts";

export function showAuthority(context: Context): Command {
  const command = createCommand("show", {
    summary: "Shows the chain, where its keys are, its lists and what ends soon",
    examples: [
      ["modwarden authority show", "of the site in this folder"],
      ["modwarden authority show --json", "for a script"],
    ],
  });
  return withSite(withJson(command)).action(async (options: SiteOption & { readonly json?: boolean }) => {
    const status = await onSite<AuthorityStatus>(options, "authority.show", {});
    if (options.json) return context.json(status);
    context.print(`pin      ${status.pin}`);
    for (const pin of status.formerPins) context.print(`before   ${pin}`);
    for (const { role, subject, expires, key } of status.certificates) {
      context.print(`${role.padEnd(8)} ${subject}, until ${expires.slice(0, 10)}, key: ${key}`);
    }
    for (const { authority, state, nextUpdate, entries } of status.lists) {
      const until = nextUpdate === null ? "" : `, until ${nextUpdate.slice(0, 10)}, ${entries} revoked`;
      context.print(`list     ${authority}: ${state}${until}`);
    }
    if (status.external !== null) {
      context.print(`issues   ${status.external.url}, for clients and devices: ${status.external.pins.join(", ")}`);
    }
    if (status.requested) context.print("asked    a certificate for a new issuing key was asked for");
    for (const warning of status.warnings) context.print(`warning  ${warning}`);
  });
}
