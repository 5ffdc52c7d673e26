import type { HistoryEntry, IdentityStory } from "@modwarden/identity";
import type { Command } from "commander";
import { createCommand, withJson } from "../frame/command.ts";
import type { Context } from "../frame/context.ts";
import { wholeNumber } from "../frame/options.ts";
import { onSite, withSite } from "../site/site-option.ts";
import type { JsonOption } from "./listed.ts";
import { historyLines, storyLines } from "./story.ts";

export function showIdentity(context: Context): Command {
  const command = createCommand("show", {
    summary: "Shows everything the registry knows of one identity",
    examples: [["modwarden identity show hmi-2", "its role, state, certificate and key"]],
  });
  return withSite(withJson(command))
    .argument("<ID>", "its id in the registry")
    .action(async (id: string, options: JsonOption) => {
      const story = await onSite<IdentityStory>(options, "identity.show", { id });
      if (options.json) context.json(story);
      else for (const line of storyLines(story).slice(1)) context.print(line);
    });
}

export function identityHistory(context: Context): Command {
  const command = createCommand("history", {
    summary: "Shows what has happened to an identity: every edge of its life and every refusal, with reasons and codes",
    examples: [
      ["modwarden identity history hmi-2", "the newest hundred, oldest of them first"],
      ["modwarden identity history hmi-2 --limit 1000 --json", "for a script"],
    ],
  });
  return withSite(withJson(command))
    .argument("<ID>", "its id in the registry")
    .option("--limit <N>", "how many, 1 to 1000", wholeNumber(1, 1000))
    .action(async (id: string, options: JsonOption & { readonly limit?: number }) => {
      const most = options.limit === undefined ? {} : { most: options.limit };
      const history = await onSite<readonly HistoryEntry[]>(options, "identity.history", { id, ...most });
      if (options.json) context.json(history);
      else for (const line of historyLines(history)) context.print(line);
    });
}
