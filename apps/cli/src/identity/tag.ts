import type { Command } from "commander";
import { createCommand, withJson } from "../frame/command.ts";
import type { Context } from "../frame/context.ts";
import { onSite, withSite } from "../site/site-option.ts";
import type { JsonOption, Listed } from "./listed.ts";

export function tagIdentity(context: Context): Command {
  const command = createCommand("tag", {
    summary: "Puts tags on an identity and takes others off; rules of the policy may ask for them",
    examples: [
      ["modwarden identity tag hmi-2 hall-2 night", "two more tags, in force at once"],
      ["modwarden identity tag hmi-2 hall-3 --remove hall-2", "one for another"],
    ],
    more: 'A tag is 1 to 64 lower-case letters, digits, ".", "_" and "-". An identity has at most 32.',
  });
  return withSite(withJson(command))
    .argument("<ID>", "its id in the registry")
    .argument("[TAG...]", "tags that it is to have")
    .option("--remove <TAG...>", "tags that it is not to have any more")
    .action(
      async (id: string, add: readonly string[], options: JsonOption & { readonly remove?: readonly string[] }) => {
        const changed = await onSite<Listed>(options, "identity.tag", { id, add, remove: options.remove ?? [] });
        if (options.json) context.json(changed);
        else context.print(`${changed.id} has ${changed.tags.length === 0 ? "no tags" : changed.tags.join(" ")}`);
      },
    );
}
