import { existsSync } from "node:fs";
import { type LintSeverity, lintPolicy, readPolicy } from "@modwarden/policy";
import { readSite, type Site } from "@modwarden/server";
import type { Command } from "commander";
import { createCommand, withJson } from "../frame/command.ts";
import type { Context } from "../frame/context.ts";
import { CliError } from "../frame/error.ts";
import { readNamedFile } from "../frame/files.ts";
import { DEFAULT_SITE } from "../frame/site.ts";
import { findingLine, lintOptions, readRegistry } from "./lint-options.ts";

interface LintCommandOptions {
  readonly site?: string;
  readonly registry?: true;
  readonly strict?: true;
  readonly json?: true;
}

export function policyLintCommand(context: Context): Command {
  const command = createCommand("lint", {
    summary: "Tells rules that never count, that others make idle, or that permit more than they should",
    examples: [
      ["modwarden policy lint", "the policy of ./site.yaml"],
      ["modwarden policy lint new.yaml --site site.yaml --strict", "another file; exit 1 for warnings too"],
      ["modwarden policy lint --registry", "with the ids, tags and roles of the registry"],
    ],
    more: `Without --site it is ./${DEFAULT_SITE}, where there is one; without a site a file can be judged that names no devices, points or labels. Exit 0 with warnings, 1 with errors (with --strict with warnings too), 2 when the file cannot be used. docs/policy-lint.md lists what is told.`,
  });
  return withJson(command)
    .argument("[FILE]", "the policy file (default: the site's; - reads standard input)")
    .option("--site <FILE>", "the site that the policy is for")
    .option("--registry", "look at the site's registry too, through the running site or its lock")
    .option("--strict", "exit 1 when there is a warning")
    .action(async (named: string | undefined, { site: siteFile, registry, strict, json }: LintCommandOptions) => {
      const place = siteFile ?? (existsSync(DEFAULT_SITE) ? DEFAULT_SITE : undefined);
      const site = place === undefined ? undefined : readSite(place);
      const file = policyFileOf(named, site);
      if (registry && place === undefined) {
        throw new CliError("ERR_USAGE", "--registry needs a site: name it with --site", 2);
      }
      const document = readPolicy(await readNamedFile(context.terminal, file), file);
      const everyone = registry && place !== undefined ? await readRegistry(place) : undefined;
      const findings = lintPolicy(document, lintOptions(site, everyone));
      const count = (severity: LintSeverity): number => findings.filter((one) => one.severity === severity).length;
      const [errors, warnings] = [count("error"), count("warning")];
      if (errors > 0 || (strict && warnings > 0)) context.endWith(1);
      if (json) {
        context.json({ file, errors, warnings, findings });
        return;
      }
      for (const finding of findings) context.print(findingLine(context, file, finding));
      context.print(`${errors} errors, ${warnings} warnings, ${count("info")} remarks`);
    });
}

function policyFileOf(named: string | undefined, site: Site | undefined): string {
  const file = named ?? site?.policyFile;
  if (file !== undefined) return file;
  throw new CliError("ERR_USAGE", `name the policy file, or the site with --site: there is no ./${DEFAULT_SITE}`, 2);
}
