import { type BatchListing, type DerivedKey, derivedKeys, parseBatch } from "@modwarden/identity";
import type { Command } from "commander";
import { askYes } from "../frame/ask.ts";
import { createCommand, createGroup, withJson } from "../frame/command.ts";
import type { Context } from "../frame/context.ts";
import { CliError } from "../frame/error.ts";
import { readNamedFile } from "../frame/files.ts";
import { collect } from "../frame/options.ts";
import { onSite, type SiteOption, withSite } from "../site/site-option.ts";
import { type CommonOptions, commonOf, serialsIn, withCommon } from "./key-options.ts";
import { type ShowOptions, showMany, writeSecret } from "./shown.ts";

export function batchCommand(context: Context): Command {
  return createGroup(
    "batch",
    {
      summary: "Keys derived per serial number, for factories",
      examples: [
        ["modwarden key batch create meters-26 --kind device --role Meter --model PM5560", "a batch, for a year"],
        ["modwarden key batch derive meters-26 --serials serials.txt --svg labels.svg", "keys and labels for these"],
      ],
    },
    [createBatch(context), derive(context), exportBatch(context)],
  );
}

function createBatch(context: Context): Command {
  const command = createCommand("create", {
    summary: "Makes a batch, from whose key the registration key of every serial number follows",
    examples: [
      ["modwarden key batch create meters-26 --kind device --role Meter --model PM5560", "any serial number"],
      ["modwarden key batch create meters-26 --kind device --serials serials.txt", "these serial numbers only"],
    ],
    more: "It holds for a year unless --expires says otherwise. Its key stands in keys/ of the data folder (0600).",
  });
  return withSite(withJson(withCommon(command)))
    .argument("<NAME>", "the batch's name")
    .option("--serials <FILE>", "the serial numbers it is bound to, one a line; - is standard input")
    .action(async (name: string, options: SiteOption & CommonOptions & { readonly serials?: string }) => {
      const serials = options.serials === undefined ? {} : { serials: await serialsIn(context, options.serials) };
      const asked = { name, options: { ...commonOf(options), ...serials } };
      const batch = await onSite<BatchListing>(options, "key.batch.create", asked);
      if (options.json) context.json(batch);
      else context.print(`batch ${batch.name}: key ${batch.id}, until ${batch.expires}, pin ${batch.pin}`);
    });
}

interface DeriveOptions extends SiteOption, ShowOptions {
  readonly serial?: readonly string[];
  readonly serials?: string;
  readonly batch?: string;
}

function derive(context: Context): Command {
  const command = createCommand("derive", {
    summary: "Prints the registration keys of serial numbers; with --batch FILE without any site",
    examples: [
      ["modwarden key batch derive meters-26 --serial SN1 --serial SN2", "at the site"],
      [
        "modwarden key batch derive meters-26 --batch meters-26.batch --serials serials.txt --svg labels.svg",
        "at a factory",
      ],
    ],
  });
  return withSite(withJson(command))
    .argument("<NAME>", "the batch's name")
    .option("--serial <S>", "a serial number", collect)
    .option("--serials <FILE>", "serial numbers, one a line; - is standard input")
    .option("--batch <FILE>", "an exported batch file: no site is asked")
    .option("--svg <FILE>", "write a printable sheet of labels with QR codes")
    .action(async (name: string, options: DeriveOptions) => {
      const listed = options.serials === undefined ? [] : await serialsIn(context, options.serials);
      const serials = [...(options.serial ?? []), ...listed];
      if (serials.length === 0) throw new CliError("ERR_USAGE", "name serial numbers with --serial or --serials", 2);
      showMany(context, await keysOf(context, name, serials, options), options);
    });
}

async function keysOf(
  context: Context,
  name: string,
  serials: readonly string[],
  options: DeriveOptions,
): Promise<readonly DerivedKey[]> {
  if (options.batch === undefined) return await onSite(options, "key.batch.derive", { name, serials });
  const batch = parseBatch(await readNamedFile(context.terminal, options.batch));
  if (batch.name !== name) throw new CliError("ERR_KEY_FILE", `the file is of the batch "${batch.name}"`, 2);
  return derivedKeys(batch, serials);
}

function exportBatch(context: Context): Command {
  const command = createCommand("export", {
    summary: "Writes a batch's key to a file, for a factory's safe; that it left is on record",
    examples: [["modwarden key batch export meters-26 --out meters-26.batch", "asks first; 0600"]],
    more: "Whoever has the file can make the key of every serial number of the batch.",
  });
  return withSite(withJson(command))
    .argument("<NAME>", "the batch's name")
    .requiredOption("--out <FILE>", "where it goes; must not be there")
    .option("--yes", "do not ask")
    .action(
      async (
        name: string,
        options: SiteOption & { readonly out: string; readonly yes?: true; readonly json?: true },
      ) => {
        const question = `Whoever has ${options.out} can make every key of ${name}. Write it?`;
        if (options.yes !== true && !(context.terminal.isInteractive && (await askYes(context.terminal, question)))) {
          throw new CliError("ERR_USAGE", "nothing was written: say --yes", 2);
        }
        writeSecret(options.out, await onSite<string>(options, "key.batch.export", { name }));
        if (options.json) context.json({ name, file: options.out });
        else context.print(`the key of ${name} is in ${options.out}: keep it as you keep the site's own keys`);
      },
    );
}
