import type { KeyListing } from "@modwarden/identity";
import type { Command } from "commander";
import { createCommand, withJson } from "../frame/command.ts";
import type { Context } from "../frame/context.ts";
import { oneOf, wholeNumber } from "../frame/options.ts";
import { table } from "../frame/table.ts";
import { onSite, type SiteOption, withSite } from "../site/site-option.ts";

interface ListOptions extends SiteOption {
  readonly form?: string;
  readonly limit?: number;
  readonly json?: true;
}

export function listKeys(context: Context): Command {
  const command = createCommand("list", {
    summary: "Lists registration keys and what is left of them",
    examples: [
      ["modwarden key list --site site.yaml", "the newest 1000 of one site"],
      ["modwarden key list --form derived", "the batches that keys are derived from"],
    ],
  });
  return withSite(withJson(command))
    .option(
      "--form <FORM>",
      "token, derived, offline or public-key",
      oneOf(["token", "derived", "offline", "public-key"]),
    )
    .option("--limit <N>", "so many of the newest", wholeNumber(1, 1000))
    .action(async (options: ListOptions) => {
      const form = options.form === undefined ? {} : { form: options.form };
      const limit = options.limit === undefined ? {} : { limit: options.limit };
      const keys = await onSite<readonly KeyListing[]>(options, "key.list", { ...form, ...limit });
      const all = await onSite<number>(options, "key.count", form);
      if (options.json) context.json(keys);
      else for (const line of table(HEADER, keys.map(row))) context.print(line);
      if (all > keys.length) context.note(`${all - keys.length} older keys are not shown`);
    });
}

const HEADER = ["ID", "KIND", "ROLES", "STATE", "USED", "EXPIRES", "FOR"];

function row(key: KeyListing): readonly string[] {
  const soon = key.expiresInDays === null ? "" : ` (in ${key.expiresInDays} d)`;
  const many = key.serials.length > 1 ? ` +${key.serials.length - 1}` : "";
  const bound = key.name ?? (key.serials[0] === undefined ? (key.note ?? "") : `${key.serials[0]}${many}`);
  const ended = key.reason === null ? "" : ` (${key.reason})`;
  return [
    key.id,
    key.kind,
    key.roles.join(",") || "-",
    `${key.state}${ended}`,
    `${key.used}/${key.uses}`,
    `${key.expires}${soon}`,
    bound,
  ];
}
