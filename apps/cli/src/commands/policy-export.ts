import { existsSync } from "node:fs";
import {
  accessRows,
  compilePolicy,
  type ExportFormat,
  type ExportHeader,
  exportFormats,
  exportPolicy,
  type PolicyDevice,
  type PolicyFile,
  readPolicy,
} from "@modwarden/policy";
import type { Command } from "commander";
import { createCommand, withJson } from "../frame/command.ts";
import type { Context } from "../frame/context.ts";
import { CliError } from "../frame/error.ts";
import { readNamedFile, writeNewFile } from "../frame/files.ts";
import { oneOf } from "../frame/options.ts";
import { DEFAULT_SITE } from "../frame/site.ts";

interface PolicyExportOptions {
  readonly format: ExportFormat;
  readonly site?: string;
  readonly out?: string;
  readonly json?: true;
}

export function policyExportCommand(context: Context): Command {
  const command = createCommand("export", {
    summary: "Writes the policy as a table for auditors, or as Cedar policies",
    examples: [
      ["modwarden policy export --format markdown", "a table for each role and device of ./site.yaml"],
      [
        "modwarden policy export new.yaml --site site.yaml --format csv --out access.csv",
        "of a file that is not in force",
      ],
      ["modwarden policy export --format cedar", "to read, or to ask Cedar; cedar-schema is its schema"],
    ],
    more: `Without FILE it is the policy of the site; without --site that is ./${DEFAULT_SITE}, where there is one. With --json the rows of the table, or {"cedar","schema"}. docs/policy-export.md has the mapping to Cedar.`,
  });
  return withJson(command)
    .argument("[FILE]", "the policy file")
    .requiredOption("--format <F>", exportFormats.join(", "), oneOf(exportFormats))
    .option("--site <FILE>", "the site whose devices the policy names")
    .option("--out <FILE>", "write to a file that is not there yet")
    .action(async (file: string | undefined, { format, site, out, json }: PolicyExportOptions) => {
      const { policy, devices, header } = await sourceOf(context, file, site);
      const text = json
        ? `${JSON.stringify(documentOf(format, policy, devices, header))}\n`
        : exportPolicy(format, policy, devices, header);
      if (out === undefined) context.terminal.stdout.write(text);
      else {
        writeNewFile(out, text);
        context.note(`wrote ${out}`);
      }
    });
}

interface Source {
  readonly policy: PolicyFile;
  readonly devices: readonly PolicyDevice[];
  readonly header: ExportHeader;
}

async function sourceOf(context: Context, file: string | undefined, named: string | undefined): Promise<Source> {
  const siteFile = named ?? (existsSync(DEFAULT_SITE) ? DEFAULT_SITE : undefined);
  if (siteFile === undefined && file === undefined) {
    throw new CliError("ERR_USAGE", `name the policy file, or the site with --site: there is no ./${DEFAULT_SITE}`, 2);
  }
  const server = siteFile === undefined ? undefined : await import("@modwarden/server");
  // A file that is named is exported also where the site's own cannot be used.
  const site = siteFile === undefined ? undefined : server?.readSite(siteFile);
  const devices = site === undefined ? [] : (server?.policyDevices(site.devices, site.profiles) ?? []);
  const document =
    file === undefined
      ? readPolicy(site!.readPolicyFile(), site!.policyFile)
      : readPolicy(await readNamedFile(context.terminal, file), file);
  const { hash, mode } = compilePolicy(document, devices);
  const time = `${new Date().toISOString().slice(0, 19)}Z`;
  const header = { policy: hash, mode, time, ...(site === undefined ? {} : { site: site.value.site }) };
  return { policy: document.value, devices, header };
}

function documentOf(
  format: ExportFormat,
  policy: PolicyFile,
  devices: readonly PolicyDevice[],
  header: ExportHeader,
): object {
  if (format === "markdown" || format === "csv") return { ...header, rows: accessRows(policy, devices) };
  const text = (wanted: ExportFormat) => exportPolicy(wanted, policy, devices, header);
  return { ...header, cedar: text("cedar"), schema: text("cedar-schema") };
}
