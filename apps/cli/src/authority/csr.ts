import { readSite } from "@modwarden/server";
import type { Command } from "commander";
import { createCommand, withJson } from "../frame/command.ts";
import type { Context } from "../frame/context.ts";
import { onSite, type SiteOption, withSite } from "../site/site-option.ts";

export function requestCertificate(context: Context): Command {
  const command = createCommand("csr", {
    summary: "Asks for a certificate that another authority signs: prints the request",
    examples: [
      ["modwarden authority csr > issuing.csr", "a new issuing key, and the request for it"],
      ["modwarden authority csr --name 'Plant 7 issuing'", "under a name of one's own"],
    ],
    more: "Asked again it prints the same request. The key stays in the data folder, or with the signer of the site file.",
  });
  return withSite(withJson(command))
    .option("--name <NAME>", "the common name to ask for")
    .action(async (options: SiteOption & { readonly json?: boolean; readonly name?: string }) => {
      const name = options.name ?? `modwarden issuing ${readSite(options.site).value.site}`;
      const answer = await onSite<{ readonly request: string }>(options, "authority.csr", { name });
      if (options.json) context.json(answer);
      else context.print(answer.request.trimEnd());
    });
}
