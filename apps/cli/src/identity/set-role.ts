import type { Command } from "commander";
import { createCommand, withJson } from "../frame/command.ts";
import type { Context } from "../frame/context.ts";
import { onSite, withSite } from "../site/site-option.ts";
import type { JsonOption, Listed } from "./listed.ts";

export function setRole(context: Context): Command {
  const command = createCommand("set-role", {
    summary: "Gives an identity another role, within what its registration key allows",
    examples: [
      ["modwarden identity set-role hmi-2 Viewer", "its certificate says it with the next renewal; until then nothing"],
      ["modwarden identity set-role hmi-2 none", "takes its role away, at once"],
    ],
  });
  return withSite(withJson(command))
    .argument("<ID>", "its id in the registry")
    .argument("<ROLE>", "a role of the policy, or none")
    .action(async (id: string, role: string, options: JsonOption) => {
      const changed = await onSite<Listed>(options, "identity.set-role", { id, role: role === "none" ? null : role });
      if (options.json) context.json(changed);
      else if (changed.role === null) context.print(`${changed.id} has no role: it may do nothing`);
      else if (changed.fingerprint === null) context.print(`${changed.id} is ${changed.role}`);
      else context.print(`${changed.id} is ${changed.role} once its certificate is renewed; until then it has no role`);
    });
}
