import { loadSite, siteCommand } from "@modwarden/server";
import type { Command } from "commander";
import type { Context } from "../frame/context.ts";

export interface SiteOption {
  readonly site: string;
}

/** `--site FILE`, on every command that works on a site. */
export function withSite(command: Command): Command {
  return command.option("--site <FILE>", "the site's file", "site.yaml");
}

/** A role that no rule can name permits nothing: most often it is a slip of the pen. The policy may name it later. */
export function noteUnknownRoles(context: Context, options: SiteOption, roles: readonly string[]): void {
  const { policy } = loadSite(options.site);
  const known = policy.compiled.roles;
  for (const role of roles) {
    if (known.includes(role)) continue;
    context.note(`warning: the policy has no role "${role}": it has ${known.join(", ")}`);
  }
}

/** One command of the site: through its control socket when it runs, else by taking its lock. */
export async function onSite<Result>(options: SiteOption, command: string, parameters: object): Promise<Result> {
  return (await siteCommand(loadSite(options.site), command, parameters)) as Result;
}
