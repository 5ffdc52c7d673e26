import type { Command } from "commander";
import { createCommand, withJson } from "../frame/command.ts";
import type { Context } from "../frame/context.ts";
import { aligned } from "../frame/table.ts";
import { onSite, type SiteOption, withSite } from "../site/site-option.ts";
import { type ShownStatus, statusRows } from "../site/status-rows.ts";

export function statusCommand(context: Context): Command {
  const command = createCommand("status", {
    summary: "Says what a running site does, and how its audit log is",
    examples: [
      ["modwarden status", "the site of ./site.yaml"],
      ["modwarden status --site /etc/modwarden/site.yaml --json", "as the HTTP API has it, for a script"],
    ],
    more: "Exit 1 when something needs a person: the log cannot be written, or a witness has another past of it. Also when the site does not run.",
  });
  return withJson(withSite(command)).action(async (options: SiteOption & { readonly json?: true }) => {
    const status = await onSite<ShownStatus>(options, "status", {});
    const { rows, alarms } = statusRows(status);
    if (alarms.length > 0) context.endWith(1);
    if (options.json) {
      context.json(status);
      return;
    }
    for (const alarm of alarms) context.print(context.paint("red", `ALARM: ${alarm}`));
    for (const line of aligned(rows)) context.print(line);
  });
}
