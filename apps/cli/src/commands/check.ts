import { DocumentError } from "@modwarden/document";
import { type LintFinding, lintPolicy, type PolicyDocument, readPolicy } from "@modwarden/policy";
import { readProfile } from "@modwarden/profile";
import type { Site } from "@modwarden/server";
import { loadPlant, Plant, plantOfProfiles } from "@modwarden/simulator";
import type { Command } from "commander";
import { createCommand, withJson } from "../frame/command.ts";
import type { Context } from "../frame/context.ts";
import { CliError } from "../frame/error.ts";
import { codeOf } from "../frame/exit-code.ts";
import { readNamedFile } from "../frame/files.ts";
import { report } from "../frame/report.ts";
import { DEFAULT_SITE } from "../frame/site.ts";
import { findingLine, lintOptions } from "../policy/lint-options.ts";

type Kind = "site" | "policy" | "profile" | "plant";

/** The key that carries a file's version says what kind of file it is. */
const versionKeys: Readonly<Record<string, Kind>> = {
  modwarden: "site",
  policy: "policy",
  profile: "profile",
  plant: "plant",
};

export function checkCommand(context: Context): Command {
  const command = createCommand("check", {
    summary: "Validates site, policy, profile and plant files",
    examples: [
      ["modwarden check", `./${DEFAULT_SITE} and everything it names`],
      ["modwarden check policy.yaml meter.yaml", "every problem with file:line:column"],
    ],
    more: "Exit 2 when a file cannot be used. What may be wrong with a policy that can be used is told as well; modwarden policy lint tells more.",
  });
  return withJson(command)
    .argument("[FILE...]", `the files (default: ./${DEFAULT_SITE})`)
    .action(async (files: string[], { json }: { json?: true }) => {
      for (const file of files.length === 0 ? [DEFAULT_SITE] : files) await checkFile(context, file, json === true);
    });
}

async function checkFile(context: Context, file: string, json: boolean): Promise<void> {
  let kind: Kind | undefined;
  try {
    const text = await readNamedFile(context.terminal, file);
    kind = kindOf(text, file);
    const warnings = await validate(kind, text, file);
    if (json) context.json({ file, kind, valid: true, ...(warnings.length === 0 ? {} : { warnings }) });
    else context.print(`${file}: ${context.paint("green", "ok")} (${kind})`);
    if (!json) for (const warning of warnings) context.print(findingLine(context, warning.file, warning));
  } catch (error) {
    if (codeOf(error) === "ERR_INTERNAL") throw error;
    // A file that cannot be judged at all is an error of its own; the others are judged all the same.
    context.endWith(2);
    if (kind === undefined) report(error, context, json);
    else findings(context, error, { file, kind }, json);
  }
}

/** What is wrong with a file is the result, so it goes to stdout. */
function findings(
  context: Context,
  error: unknown,
  about: { readonly file: string; readonly kind: Kind },
  json: boolean,
): void {
  const message = error instanceof Error ? error.message : String(error);
  const problems = error instanceof DocumentError ? { problems: error.problems } : {};
  if (json) context.json({ ...about, valid: false, code: codeOf(error), message, ...problems });
  else context.print(message);
}

type Warning = LintFinding & { readonly file: string };

/** What is wrong throws; what may be wrong with a policy that can be used is returned. */
async function validate(kind: Kind, text: string, file: string): Promise<readonly Warning[]> {
  switch (kind) {
    case "profile":
      runs(plantOfProfiles([readProfile(text, file)]));
      return [];
    case "policy":
      // Names of devices and points are the site's: checking the site checks them.
      return warningsOf(readPolicy(text, file), file, undefined);
    case "plant":
      runs(await loadPlant([file]));
      return [];
    case "site": {
      const { loadSite } = await import("@modwarden/server");
      const site = loadSite(file);
      return warningsOf(site.policy.document, site.policy.file, site);
    }
  }
}

function warningsOf(document: PolicyDocument, file: string, site: Site | undefined): readonly Warning[] {
  try {
    const findings = lintPolicy(document, lintOptions(site)).filter(({ severity }) => severity !== "info");
    return findings.map((finding) => ({ file, ...finding }));
  } catch (error) {
    // Without its site nothing more can be said of a policy that names devices or points.
    if (error instanceof DocumentError && site === undefined) return [];
    throw error;
  }
}

/** What moves in a device is compiled when it is run: a file is right when that works. */
function runs(document: ConstructorParameters<typeof Plant>[0]): void {
  new Plant(document);
}

function kindOf(text: string, file: string): Kind {
  const key = /^\s*(?:\{\s*)?"?(modwarden|policy|profile|plant)"?\s*:\s*\d/m.exec(text)?.[1];
  const kind = key === undefined ? undefined : versionKeys[key];
  if (kind !== undefined) return kind;
  const wanted = Object.keys(versionKeys).map((word) => `"${word}: 1"`);
  throw new CliError(
    "ERR_FILE_KIND",
    `${file} does not say what it is: it has to open with one of ${wanted.join(", ")}`,
    2,
  );
}
