import { statSync } from "node:fs";
import { join } from "node:path";
import { type Command, Option } from "commander";
import { CliError } from "../frame/error.ts";
import { DEFAULT_SITE } from "../frame/site.ts";

/** The folder of an audit log: named itself, or that of a site. Throws ERR_FILE (exit 2) for what is no folder. */
export async function logFolder(options: { readonly log?: string; readonly site?: string }): Promise<string> {
  if (options.log !== undefined) {
    if (statSync(options.log, { throwIfNoEntry: false })?.isDirectory() === false) {
      throw new CliError("ERR_FILE", `${options.log} is no folder: the one that holds the log is wanted`, 2);
    }
    return options.log;
  }
  const { readSite } = await import("@modwarden/server");
  return join(readSite(options.site ?? DEFAULT_SITE).data, "audit");
}

/** Where the log is: a folder, or a site's. */
export function withLog(command: Command): Command {
  return command
    .addOption(new Option("--log <DIR>", "the folder of the log").conflicts("site"))
    .option("--site <FILE>", `the site whose log it is (default: ./${DEFAULT_SITE})`);
}
