import type { Command } from "commander";
import { createCommand, withJson } from "../frame/command.ts";
import type { Context } from "../frame/context.ts";
import { onSite, withSite } from "../site/site-option.ts";
import type { JsonOption } from "./listed.ts";

export function showIdentity(context: Context): Command {
  const command = createCommand("show", {
    summary: "Shows everything the registry knows of one identity",
    examples: [["modwarden identity show hmi-2", "its role, state, certificate and key"]],
  });
  return withSite(withJson(command))
    .argument("<ID>", "its id in the registry")
    .action(async (id: string, options: JsonOption) => {
      const details = await onSite<Readonly<Record<string, unknown>>>(options, "identity.show", { id });
      if (options.json) context.json(details);
      else for (const [name, value] of Object.entries(details)) context.print(`${name.padEnd(18)} ${textOf(value)}`);
    });
}

function textOf(value: unknown): string {
  if (value === null || value === undefined) return "-";
  return typeof value === "object" ? JSON.stringify(value) : String(value);
}
