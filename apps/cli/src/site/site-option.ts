import type { Command } from "commander";

export interface SiteOption {
  readonly site: string;
}

/** `--site FILE`, on every command that works on a site. */
export function withSite(command: Command): Command {
  return command.option("--site <FILE>", "the site's file", "site.yaml");
}

/** One command of the site: through its control socket when it runs, else by taking its lock. */
export async function onSite<Result>(options: SiteOption, command: string, parameters: object): Promise<Result> {
  // What runs a site takes time to load, and not every command of a group needs it.
  const { readSite, siteCommand } = await import("@modwarden/server");
  return (await siteCommand(readSite(options.site), command, parameters)) as Result;
}
