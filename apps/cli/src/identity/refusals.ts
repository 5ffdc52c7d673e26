import type { RefusalListing } from "@modwarden/identity";
import type { Command } from "commander";
import { createCommand, withJson } from "../frame/command.ts";
import type { Context } from "../frame/context.ts";
import { wholeNumber } from "../frame/options.ts";
import { table } from "../frame/table.ts";
import { onSite, withSite } from "../site/site-option.ts";
import type { JsonOption } from "./listed.ts";

interface RefusalsOptions extends JsonOption {
  readonly key?: string;
  readonly name?: string;
  readonly limit?: number;
}

export function listRefusals(context: Context): Command {
  const command = createCommand("refusals", {
    summary: "Lists who was refused, the newest first",
    examples: [
      ["modwarden identity refusals", "the newest hundred"],
      ["modwarden identity refusals --key 5M3Y0RKT", "what was tried with one key"],
      ["modwarden identity refusals --name hmi-2 --json", "under one name, for a script"],
    ],
  });
  return withSite(withJson(command))
    .option("--key <ID>", "only those of one registration key, by its id")
    .option("--name <NAME>", "only those of one identity or name")
    .option("--limit <N>", "how many, 1 to 1000", wholeNumber(1, 1000))
    .action(async (options: RefusalsOptions) => {
      const { key, name, limit } = options;
      const refusals = await onSite<readonly RefusalListing[]>(options, "identity.refusals", {
        ...(key === undefined ? {} : { key }),
        ...(name === undefined ? {} : { name }),
        ...(limit === undefined ? {} : { limit }),
      });
      if (options.json) context.json(refusals);
      else for (const line of refusalTable(refusals)) context.print(line);
    });
}

export function refusalTable(refusals: readonly RefusalListing[]): readonly string[] {
  const rows = refusals.map((one) => [
    one.time,
    one.reason,
    one.correlation ?? "-",
    one.key ?? "-",
    one.name ?? "-",
    one.source ?? "-",
  ]);
  return table(["TIME", "REASON", "CODE", "KEY", "NAME", "FROM"], rows);
}
