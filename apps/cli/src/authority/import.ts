import type { Command } from "commander";
import { createCommand, withJson } from "../frame/command.ts";
import type { Context } from "../frame/context.ts";
import { readNamedFile } from "../frame/files.ts";
import { onSite, type SiteOption, withSite } from "../site/site-option.ts";

interface Imported {
  readonly pin: string;
  readonly formerPin: string;
}

export function importChain(context: Context): Command {
  const command = createCommand("import", {
    summary: "Takes the certificate that another authority signed",
    examples: [
      ["modwarden authority import chain.pem", "the certificate, and all above it up to the root"],
      ["modwarden authority import chain.pem --crl company.crl", "with the lists of those authorities"],
    ],
    more: "The site issues under it from its next start on. What was issued before holds to its end. Keys that are handed out from then on carry the new pin.",
  });
  return withSite(withJson(command))
    .argument("<CHAIN>", "PEM or PKCS #7 in PEM; - is standard input")
    .option("--crl <FILE>", "revocation lists of the authorities above, PEM")
    .action(async (file: string, options: SiteOption & { readonly json?: boolean; readonly crl?: string }) => {
      const chain = await readNamedFile(context.terminal, file);
      const lists = options.crl === undefined ? {} : { lists: await readNamedFile(context.terminal, options.crl) };
      const imported = await onSite<Imported>(options, "authority.import", { chain, ...lists });
      if (options.json) return context.json(imported);
      context.print("taken: the site issues under it from its next start on");
      if (imported.pin === imported.formerPin) return;
      context.print(`THE PIN CHANGES with that start, from ${imported.formerPin} to ${imported.pin}:`);
      context.print("keys that were handed out with the old pin open nothing any more, and who checks the");
      context.print("gateway's certificate has to trust the new root: renew or enrol those clients again.");
    });
}
