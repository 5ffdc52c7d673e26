import { type AuthorityStatus, type ListStatus, signRootList } from "@modwarden/identity";
import { readPassphrase, readSite } from "@modwarden/server";
import type { Command } from "commander";
import { createCommand, withJson } from "../frame/command.ts";
import type { Context } from "../frame/context.ts";
import { CliError } from "../frame/error.ts";
import { readNamedFile } from "../frame/files.ts";
import { onSite, type SiteOption, withSite } from "../site/site-option.ts";

interface Options extends SiteOption {
  readonly json?: boolean;
  readonly rootKey?: string;
  readonly import?: string;
}

export function giveLists(context: Context): Command {
  const command = createCommand("crl", {
    summary: "Gives the site a revocation list that it cannot sign itself",
    examples: [
      ["modwarden authority crl --root-key /media/usb/root.key", "the root's next list, for two years"],
      ["modwarden authority crl --import company.crl", "the list of an authority above"],
    ],
    more: "The root's key is read by this command alone: it does not go to the site, and needs to be there for a moment only.",
  });
  return withSite(withJson(command))
    .option("--root-key <FILE>", "the root's private key, PEM")
    .option("--import <FILE>", "lists that were signed elsewhere, PEM; - is standard input")
    .action(async (options: Options) => {
      const lists = await listsOf(context, options);
      const kept = await onSite<readonly ListStatus[]>(options, "authority.crl", { lists });
      if (options.json) return context.json(kept);
      for (const { authority, state, nextUpdate } of kept) {
        context.print(`${authority}: ${state}${nextUpdate === null ? "" : `, until ${nextUpdate.slice(0, 10)}`}`);
      }
    });
}

async function listsOf(context: Context, options: Options): Promise<string> {
  const { rootKey, import: file } = options;
  if ((rootKey === undefined) === (file === undefined)) {
    throw new CliError("ERR_USAGE", "say either --root-key or --import", 2);
  }
  if (file !== undefined) return await readNamedFile(context.terminal, file);
  const { root } = await onSite<AuthorityStatus>(options, "authority.show", {});
  const passphrase = readPassphrase(readSite(options.site));
  return await signRootList(root, rootKey ?? "", {
    now: new Date(),
    ...(passphrase === undefined ? {} : { passphrase }),
  });
}
