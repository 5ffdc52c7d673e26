import type { Command } from "commander";
import { createCommand, withJson } from "../frame/command.ts";
import type { Context } from "../frame/context.ts";
import { table } from "../frame/table.ts";
import { onSite, withSite } from "../site/site-option.ts";
import type { JsonOption, Listed } from "./listed.ts";

export function listIdentities(context: Context): Command {
  const command = createCommand("list", {
    summary: "Lists clients, devices and gateways",
    examples: [
      ["modwarden identity list --json", "for a script"],
      ["modwarden identity list --pending", "who waits for somebody's yes"],
    ],
  });
  withSite(withJson(command)).option("--pending", "only what waits for approval");
  return command.action(async (options: JsonOption & { readonly pending?: true }) => {
    const everyone = await onSite<readonly Listed[]>(options, "identity.list", {});
    const identities = options.pending ? everyone.filter(({ state }) => state === "pending") : everyone;
    if (options.json) context.json(identities);
    else {
      const rows = identities.map(({ id, kind, role, state, expires, tags }) => [
        id,
        kind,
        role ?? "-",
        state,
        expires ?? "-",
        tags.join(" "),
      ]);
      for (const line of table(["ID", "KIND", "ROLE", "STATE", "CERTIFICATE UNTIL", "TAGS"], rows)) context.print(line);
    }
  });
}
