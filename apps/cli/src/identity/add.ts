import type { Command } from "commander";
import { createCommand, withJson } from "../frame/command.ts";
import type { Context } from "../frame/context.ts";
import { oneOf } from "../frame/options.ts";
import { onSite, withSite } from "../site/site-option.ts";
import type { JsonOption, Listed } from "./listed.ts";

export function addIdentity(context: Context): Command {
  const command = createCommand("add", {
    summary: "Enters a client or device that cannot enrol itself",
    examples: [
      ["modwarden identity add legacy-hmi --kind client --role Viewer --source 10.0.0.5/32", "a plain Modbus client"],
      ["modwarden identity add pump-7 --kind device", "a device behind the gateway"],
    ],
    more: "A plain client is let in where a listener of the site file maps its address to this id (`sources`).",
  });
  return withSite(withJson(command))
    .argument("<ID>", "its id in the registry")
    .requiredOption("--kind <KIND>", "client or device", oneOf(["client", "device"]))
    .option("--role <ROLE>", "the role it acts in, one of the policy's")
    .option("--source <CIDR>", "the network it speaks from")
    .action(
      async (
        id: string,
        options: JsonOption & { readonly kind: string; readonly role?: string; readonly source?: string },
      ) => {
        const { kind, role, source } = options;
        const added = await onSite<Listed>(options, "identity.add", {
          id,
          kind,
          ...(role === undefined ? {} : { role }),
          ...(source === undefined ? {} : { source }),
        });
        if (options.json) context.json(added);
        else context.print(`${added.id} is ${added.state}${added.role === null ? "" : ` as ${added.role}`}`);
      },
    );
}
