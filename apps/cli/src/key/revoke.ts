import type { Command } from "commander";
import { createCommand, withJson } from "../frame/command.ts";
import type { Context } from "../frame/context.ts";
import { onSite, type SiteOption, withSite } from "../site/site-option.ts";

export function revokeKey(context: Context): Command {
  const command = createCommand("revoke", {
    summary: "Revokes a registration key",
    examples: [["modwarden key revoke 5M3Y0RKT", "by its id; the id is no secret"]],
  });
  return withSite(withJson(command))
    .argument("<ID>", "the key's id")
    .action(async (id: string, options: SiteOption & { readonly json?: true }) => {
      await onSite(options, "key.revoke", { id });
      if (options.json) context.json({ id, state: "revoked" });
      else context.print(`key ${id} is revoked`);
    });
}
