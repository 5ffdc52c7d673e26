import { createKeyIssuer, formatKeyIssuer, type IssuerListing } from "@modwarden/identity";
import type { Command } from "commander";
import { createCommand, createGroup, withJson } from "../frame/command.ts";
import type { Context } from "../frame/context.ts";
import { readNamedFile } from "../frame/files.ts";
import { collect } from "../frame/options.ts";
import { table } from "../frame/table.ts";
import { onSite, type SiteOption, withSite } from "../site/site-option.ts";
import { writeSecret } from "./shown.ts";

interface Json {
  readonly json?: true;
}

export function issuerCommand(context: Context): Command {
  return createGroup(
    "issuer",
    {
      summary: "Who may sign registration keys away from the site: make, trust, list and revoke",
      examples: [
        [
          "modwarden key issuer create factory-3 --out factory-3.key",
          "a key pair: factory-3.key and factory-3.key.pub",
        ],
        ["modwarden key issuer trust factory-3.key.pub --kind device --role Meter", "at the site, with a ceiling"],
      ],
    },
    [createIssuer(context), trustIssuer(context), listIssuers(context), revokeIssuer(context)],
  );
}

function createIssuer(context: Context): Command {
  const command = createCommand("create", {
    summary: "Makes an issuer's key pair; needs no site",
    examples: [["modwarden key issuer create factory-3 --out factory-3.key", "keep factory-3.key secret"]],
  });
  return withJson(command)
    .argument("<NAME>", "for people")
    .requiredOption("--out <FILE>", "where the private key goes (0600); FILE.pub is the public half")
    .action((name: string, options: Json & { readonly out: string }) => {
      const issuer = createKeyIssuer(name);
      writeSecret(options.out, formatKeyIssuer(issuer, issuer.privateKey));
      writeSecret(`${options.out}.pub`, formatKeyIssuer(issuer), 0o644);
      if (options.json) context.json({ id: issuer.id, name, file: options.out, public: `${options.out}.pub` });
      else context.print(`issuer ${issuer.id}: keys are signed with ${options.out}, sites trust ${options.out}.pub`);
    });
}

function trustIssuer(context: Context): Command {
  const command = createCommand("trust", {
    summary: "Lets keys of an issuer open enrolments, within a ceiling",
    examples: [
      ["modwarden key issuer trust factory-3.key.pub --kind device --role Meter", "devices only, as Meter at most"],
    ],
    more: "What is not named is not given: without --role its keys lead to the NULL role.\nTrusting it again sets the ceiling anew.",
  });
  return withSite(withJson(command))
    .argument("<FILE>", "the issuer's public file; - is standard input")
    .option("--role <ROLE>", "a role that its keys may give", collect)
    .option("--kind <KIND>", "a kind that its keys may register (default: device)", collect)
    .action(
      async (file: string, options: SiteOption & Json & { role?: readonly string[]; kind?: readonly string[] }) => {
        const { role: roles = [], kind: kinds = ["device"] } = options;
        const text = await readNamedFile(context.terminal, file);
        const issuer = await onSite<IssuerListing>(options, "key.issuer.trust", { file: text, kinds, roles });
        show(context, [issuer], options, issuer);
      },
    );
}

function listIssuers(context: Context): Command {
  const command = createCommand("list", {
    summary: "Lists the issuers that a site trusts, and those it does not any more",
    examples: [["modwarden key issuer list", "with their ceilings"]],
  });
  return withSite(withJson(command)).action(async (options: SiteOption & Json) => {
    const issuers = await onSite<readonly IssuerListing[]>(options, "key.issuer.list", {});
    show(context, issuers, options, issuers);
  });
}

function revokeIssuer(context: Context): Command {
  const command = createCommand("revoke", {
    summary: "No key of this issuer opens anything any more; who enrolled by one stays",
    examples: [["modwarden key issuer revoke 7Q2M0XKA", "by its id"]],
  });
  return withSite(withJson(command))
    .argument("<ID>", "the issuer's id")
    .action(async (id: string, options: SiteOption & Json) => {
      const issuer = await onSite<IssuerListing>(options, "key.issuer.revoke", { id });
      show(context, [issuer], options, issuer);
    });
}

function show(context: Context, issuers: readonly IssuerListing[], options: Json, document: unknown): void {
  if (options.json) {
    context.json(document);
    return;
  }
  const rows = issuers.map(({ id, name, state, kinds, roles }) => [
    id,
    state,
    kinds.join(","),
    roles.join(",") || "-",
    name,
  ]);
  for (const line of table(["ID", "STATE", "KINDS", "ROLES", "NAME"], rows)) context.print(line);
}
