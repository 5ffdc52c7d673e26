import { randomBytes } from "node:crypto";
import { join } from "node:path";
import { changePassphrase } from "@modwarden/identity";
import { lockData, readPassphrase, readSite } from "@modwarden/server";
import type { Command } from "commander";
import { createCommand, withJson } from "../frame/command.ts";
import type { Context } from "../frame/context.ts";
import { CliError } from "../frame/error.ts";
import { readNamedFile } from "../frame/files.ts";
import { type SiteOption, withSite } from "../site/site-option.ts";

interface Options extends SiteOption {
  readonly json?: boolean;
  readonly old?: string;
  readonly remove?: boolean;
}

export function setPassphrase(context: Context): Command {
  const command = createCommand("passphrase", {
    summary: "Encrypts the authority's keys under the passphrase of the site file",
    examples: [
      ["modwarden authority passphrase", "keys that were plain are encrypted from now on"],
      ["modwarden authority passphrase --old old.txt", "they were encrypted under another one"],
      ["modwarden authority passphrase --old old.txt --remove", "and are not any more"],
    ],
    more: "The site has to be stopped. Where the passphrase comes from stands in the site file: authority.passphrase.",
  });
  return withSite(withJson(command))
    .option("--old <FILE>", "holds the passphrase they are under now; - is standard input")
    .option("--remove", "leaves them without a passphrase")
    .action(async (options: Options) => {
      const site = readSite(options.site);
      const to = options.remove === true ? undefined : readPassphrase(site);
      if (to === undefined && options.remove !== true) {
        throw new CliError("ERR_USAGE", `${options.site} names no passphrase: write authority.passphrase first`, 2);
      }
      const from =
        options.old === undefined
          ? undefined
          : (await readNamedFile(context.terminal, options.old)).replace(/\r?\n$/, "");
      const lock = lockData(site.data);
      try {
        const files = changePassphrase(join(site.data, "ca"), {
          random: randomBytes,
          ...(from === undefined ? {} : { from }),
          ...(to === undefined ? {} : { to }),
        });
        if (options.json) context.json({ encrypted: to !== undefined, files });
        else context.print(`${to === undefined ? "not encrypted any more" : "encrypted"}: ${files.join(", ")}`);
      } finally {
        lock.release();
      }
    });
}
