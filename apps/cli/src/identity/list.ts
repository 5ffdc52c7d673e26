import type { Command } from "commander";
import { createCommand, withJson } from "../frame/command.ts";
import type { Context } from "../frame/context.ts";
import { table } from "../frame/table.ts";
import { onSite, withSite } from "../site/site-option.ts";
import type { JsonOption, Listed } from "./listed.ts";

export function listIdentities(context: Context): Command {
  const command = createCommand("list", {
    summary: "Lists clients, devices and gateways",
    examples: [["modwarden identity list --json", "for a script"]],
  });
  return withSite(withJson(command)).action(async (options: JsonOption) => {
    const identities = await onSite<readonly Listed[]>(options, "identity.list", {});
    if (options.json) context.json(identities);
    else {
      const rows = identities.map(({ id, kind, role, state, expires }) => [
        id,
        kind,
        role ?? "-",
        state,
        expires ?? "-",
      ]);
      for (const line of table(["ID", "KIND", "ROLE", "STATE", "CERTIFICATE UNTIL"], rows)) context.print(line);
    }
  });
}
