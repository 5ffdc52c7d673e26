import { certifyByEst } from "@modwarden/identity";
import { readSite } from "@modwarden/server";
import type { Command } from "commander";
import { createCommand, withJson } from "../frame/command.ts";
import type { Context } from "../frame/context.ts";
import { CliError } from "../frame/error.ts";
import { readNamedFile } from "../frame/files.ts";
import { onSite, type SiteOption, withSite } from "../site/site-option.ts";

interface Imported {
  readonly pin: string;
  readonly formerPin: string;
}

interface Options extends SiteOption {
  readonly json?: boolean;
  readonly crl?: string;
  readonly est?: string;
  readonly anchors?: string;
  readonly user?: string;
  readonly password?: string;
}

export function importChain(context: Context): Command {
  const command = createCommand("import", {
    summary: "Takes the certificate that another authority signed",
    examples: [
      ["modwarden authority import chain.pem", "the certificate, and all above it up to the root"],
      ["modwarden authority import chain.pem --crl company.crl", "with the lists of those authorities"],
      [
        "modwarden authority import --est https://ca.example --anchors ca.pem --user plant7 --password password.txt",
        "asks the company's EST server for it, and takes what it answers",
      ],
    ],
    more: "The site issues under it from its next start on. What was issued before holds to its end. Keys that are handed out from then on carry the new pin.",
  });
  return withSite(withJson(command))
    .argument("[CHAIN]", "PEM or PKCS #7 in PEM; - is standard input")
    .option("--est <URL>", "an EST server that signs the request")
    .option("--anchors <FILE>", "roots that the EST server is checked against, PEM")
    .option("--user <NAME>", "for the EST server")
    .option("--password <FILE>", "for the EST server; - is standard input")
    .option("--crl <FILE>", "revocation lists of the authorities above, PEM")
    .action(async (file: string | undefined, options: Options) => {
      const chain = await chainOf(context, file, options);
      const lists = options.crl === undefined ? {} : { lists: await readNamedFile(context.terminal, options.crl) };
      const imported = await onSite<Imported>(options, "authority.import", { chain, ...lists });
      if (options.json) return context.json(imported);
      context.print("taken: the site issues under it from its next start on");
      if (imported.pin === imported.formerPin) return;
      context.print(`THE PIN CHANGES with that start, from ${imported.formerPin} to ${imported.pin}:`);
      context.print("keys that were handed out with the old pin open nothing any more, and who checks the");
      context.print(
        "gateway's certificate has to trust the new root: enrol those clients again, with keys made after that start.",
      );
    });
}

async function chainOf(context: Context, file: string | undefined, options: Options): Promise<string> {
  const { est: url, anchors, user, password } = options;
  if ((file === undefined) === (url === undefined)) throw new CliError("ERR_USAGE", "say either CHAIN or --est", 2);
  if (file !== undefined) return await readNamedFile(context.terminal, file);
  if (url === undefined || anchors === undefined) {
    throw new CliError("ERR_USAGE", "--est needs --anchors: without them any server would be believed", 2);
  }
  const roots = await readNamedFile(context.terminal, anchors);
  const secret = password === undefined ? "" : await readNamedFile(context.terminal, password);
  const name = `modwarden issuing ${readSite(options.site).value.site}`;
  const { request } = await onSite<{ readonly request: string }>(options, "authority.csr", { name });
  return await certifyByEst(
    { url, anchors: roots, ...(user === undefined ? {} : { user, password: secret.replace(/\r?\n$/, "") }) },
    request,
  );
}
